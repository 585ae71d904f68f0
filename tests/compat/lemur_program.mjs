// Asks about a transcript with the official Node SDK; told what to do, and answers, in JSON.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const task = JSON.parse(await text(process.stdin));
const { AssemblyAI } = createRequire(import.meta.url)(task.sdk);
const { lemur } = new AssemblyAI({ apiKey: task.key, baseUrl: task.url });

const ids = { transcript_ids: [task.id], final_model: "anthropic/claude-3-5-sonnet" };
const answered = await lemur.task({ ...ids, prompt: "What is said of the times?" });
const facts = {
  task: answered,
  summary: await lemur.summary({ ...ids, answer_format: "bullets" }),
  actionItems: await lemur.actionItems(ids),
  questions: await lemur.questionAnswer({
    ...ids,
    questions: [{ question: "Which times were the best?", answer_format: "short" }],
  }),
  text: await lemur.summary({ input_text: "It was the age of wisdom.", final_model: "default" }),
  again: await lemur.getResponse(answered.request_id),
  purged: await lemur.purgeRequestData(answered.request_id),
};
try {
  await lemur.getResponse(answered.request_id);
} catch (error) {
  facts.gone = error.message;
}
try {
  await lemur.summary({ transcript_ids: ["bad"], final_model: "default" });
} catch (error) {
  facts.refused = error.message;
}
console.log(JSON.stringify(facts));
