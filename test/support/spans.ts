import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type ReceivedSpan = {
  readonly name: string;
  readonly trace: string;
  readonly id: string;
  /** Empty where it has none. */
  readonly parent: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What its status says; empty where all was well. */
  readonly status: string;
};

export type SpanReceiver = {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Of the process that sent them. */
  readonly resource: Record<string, string>;
  /** All bytes that came, headers and bodies. */
  readonly raw: string[];
  readonly close: () => Promise<void>;
};

/** A collector of traces that keeps what it is sent, by OTLP over HTTP in Protocol Buffers. */
export async function spanReceiver(): Promise<SpanReceiver> {
  const received: Pick<SpanReceiver, "spans" | "resource" | "raw"> = { spans: [], resource: {}, raw: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      received.raw.push(`${request.url} ${JSON.stringify(request.headers)}`, body.toString("latin1"));
      if (request.url === "/v1/traces") take(body, received);
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, ...received, close };
}

// Numbers of fields are those of opentelemetry/proto/trace/v1/trace.proto.
function take(body: Buffer, { spans, resource }: Pick<SpanReceiver, "spans" | "resource">): void {
  for (const resourceSpans of fields(body, 1)) {
    for (const of of fields(resourceSpans, 1)) Object.assign(resource, pairs(fields(of, 1)));
    for (const scope of fields(resourceSpans, 2)) spans.push(...fields(scope, 2).map(spanIn));
  }
}

function spanIn(bytes: Buffer): ReceivedSpan {
  const [trace, id, parent] = [1, 2, 4].map((field) => fields(bytes, field)[0]?.toString("hex") ?? "");
  return {
    name: textIn(bytes, 5),
    trace: trace ?? "",
    id: id ?? "",
    parent: parent ?? "",
    attributes: pairs(fields(bytes, 9)),
    status: fields(bytes, 15).map((status) => textIn(status, 2))[0] ?? "",
  };
}

function pairs(keyValues: readonly Buffer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keyValues.map((pair) => [textIn(pair, 1), fields(pair, 2).map((value) => textIn(value, 1))[0] ?? ""]),
  );
}

function textIn(message: Buffer, field: number): string {
  return fields(message, field)[0]?.toString("utf8") ?? "";
}

/** The values of a field of a message that have a length: texts, bytes and messages. */
function fields(message: Buffer, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const [field, type] = [Math.floor(tag / 8), tag % 8];
    if (type === 0) varint();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else {
      const length = varint();
      if (field === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
