/** A series as it is written to a server: samples, or native histograms, at times in milliseconds. */
export type Written = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples?: readonly { readonly at: number; readonly value: number }[];
  readonly histograms?: readonly NativeWritten[];
};

/** Absolute counts of the positive buckets that begin at an index, and of the zero bucket. */
export type NativeWritten = {
  readonly at: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly first: number;
  readonly counts: readonly number[];
  /** Durations that are in no bucket: NaN. */
  readonly beside?: number;
};

/** What of Prometheus' remote-write protocol, version 1.0, a server takes: prometheus.io/docs/specs/prw, prompb/types.proto. */
export async function writeTo(url: string, series: readonly Written[]): Promise<void> {
  const message = Buffer.concat(series.map((one) => bytes(1, seriesMessage(one))));
  const response = await fetch(`${url}/api/v1/write`, {
    method: "POST",
    body: new Uint8Array(asSnappy(message)),
    headers: {
      "content-encoding": "snappy",
      "content-type": "application/x-protobuf",
      "x-prometheus-remote-write-version": "0.1.0",
    },
  });
  if (!response.ok) throw new Error(`The server does not take what is written: ${await response.text()}`);
}

function seriesMessage({ labels, samples = [], histograms = [] }: Written): Buffer {
  const names = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    ...names.map(([name, value]) => bytes(1, Buffer.concat([text(1, name), text(2, value)]))),
    ...samples.map(({ at, value }) => bytes(2, Buffer.concat([double(1, value), whole(2, at)]))),
    ...histograms.map((one) => bytes(4, histogramMessage(one))),
  ]);
}

function histogramMessage(told: NativeWritten): Buffer {
  const { at, schema, zeroThreshold, zeroCount, first, counts, beside = 0 } = told;
  const deltas = counts.map((count, index) => zigzag(count - (counts[index - 1] ?? 0)));
  const all = counts.reduce((sum, count) => sum + count, zeroCount + beside);
  return Buffer.concat([
    whole(1, all),
    double(3, all),
    signed(4, schema),
    double(5, zeroThreshold),
    whole(6, zeroCount),
    ...(counts.length === 0 ? [] : [bytes(11, Buffer.concat([signed(1, first), whole(2, counts.length)]))]),
    bytes(12, Buffer.concat(deltas)),
    whole(15, at),
  ]);
}

function whole(field: number, value: number): Buffer {
  return Buffer.concat([varint(BigInt(field * 8)), varint(BigInt(value))]);
}

function signed(field: number, value: number): Buffer {
  return Buffer.concat([varint(BigInt(field * 8)), zigzag(value)]);
}

function double(field: number, value: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  return Buffer.concat([varint(BigInt(field * 8 + 1)), number]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(field * 8 + 2)), varint(BigInt(value.length)), value]);
}

function zigzag(value: number): Buffer {
  return varint(BigInt(value >= 0 ? 2 * value : -2 * value - 1));
}

function varint(value: bigint): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) digits.push(Number(rest & 127n) | 128);
  return Buffer.from([...digits, Number(rest)]);
}

const CHUNK = 65_536;

/** The format without compression: only literals. */
function asSnappy(message: Buffer): Buffer {
  const parts: Buffer[] = [varint(BigInt(message.length))];
  for (let from = 0; from < message.length; from += CHUNK) {
    const chunk = message.subarray(from, from + CHUNK);
    const head = Buffer.alloc(3);
    head[0] = 61 << 2;
    head.writeUInt16LE(chunk.length - 1, 1);
    parts.push(head, chunk);
  }
  return Buffer.concat(parts);
}
