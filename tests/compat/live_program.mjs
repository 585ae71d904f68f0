// Holds one live session with the official Node SDK, whose package is given as a folder.
//
// Takes what to do as one JSON object on its input, and prints what the SDK handed to its
// listeners as another.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const task = JSON.parse(readFileSync(0, "utf8"));
const { AssemblyAI } = createRequire(import.meta.url)(task.sdk);

const client = new AssemblyAI({ apiKey: task.key, streamingBaseUrl: task.http });
const credentials = task.byToken
  ? { token: await client.streaming.createTemporaryToken({ expires_in_seconds: 60 }) }
  : {};
const transcriber = client.streaming.transcriber({
  websocketBaseUrl: `${task.ws}/v3/ws`,
  ...credentials,
  ...task.parameters,
});

const heard = { turns: [], errors: [] };
transcriber.on("turn", (turn) => heard.turns.push(turn));
transcriber.on("error", (error) => heard.errors.push(error.message));

try {
  heard.begin = await transcriber.connect();
  const pieces = task.pieces.map((piece) => Buffer.from(piece, "base64"));
  for (const piece of pieces) {
    transcriber.sendAudio(piece);
    await sleep(task.pieceMs);
  }
  await transcriber.close(); // waits for Termination
} catch (error) {
  heard.errors.push(error.message);
}
console.log(JSON.stringify(heard));
