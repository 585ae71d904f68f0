// Transcribes at once with the official Node SDK what it is told on standard input.
// The answer is one JSON object on standard output.
import { createReadStream, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const task = JSON.parse(readFileSync(0, "utf8"));
const { AssemblyAI } = await import(pathToFileURL(`${task.sdk}/dist/node.mjs`));
const client = new AssemblyAI({ apiKey: task.key, syncBaseUrl: task.url });

async function transcribe() {
  if (task.isLive) {
    return client.sync.transcribeLive(createReadStream(task.path), task.config);
  }
  return client.sync.transcribe(task.path, task.config);
}

try {
  console.log(JSON.stringify({ value: await transcribe() }));
} catch (error) {
  const { name, message, status, statusCode, errorCode, code } = error;
  console.log(
    JSON.stringify({ raised: name, message, status: status ?? statusCode, code: errorCode ?? code }),
  );
}
