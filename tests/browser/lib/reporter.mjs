// Tells browser_test.go what node --test saw: one JSON document a line.

import { inspect } from "node:util";

export default async function* report(events) {
  const path = [];
  for await (const { type, data } of events) {
    switch (type) {
      case "test:start":
        path.length = data.nesting;
        path.push(data.name);
        break;
      case "test:pass":
      case "test:fail":
        yield line({
          kind: "test",
          file: data.file,
          name: [...path.slice(0, data.nesting), data.name],
          suite: data.details.type === "suite",
          passed: type === "test:pass",
          ms: Math.round(data.details.duration_ms),
          skip: reason(data.skip),
          error: data.details.error && inspect(data.details.error.cause ?? data.details.error),
        });
        break;
      case "test:diagnostic":
        if (data.file) yield line({ kind: "note", text: data.message });
        break;
      case "test:stdout":
      case "test:stderr":
        yield line({ kind: "note", text: data.message.trimEnd() });
        break;
    }
  }
}

function reason(value) {
  if (value === undefined || value === false) return undefined;
  return value === true || value === "" ? "no reason given" : value;
}

function line(document) {
  return `${JSON.stringify(document)}\n`;
}
