/** Lets work begin when there is room for what it will hold, in windows. */
export type Room = <T>(windows: number, work: () => Promise<T>) => Promise<T>;

/** While it is read, a window of a member takes some 25 KB, as text and as samples: as many as this take about 25 MB. */
export const ROOM_WINDOWS = 1_000;
/** What a look asks for that knows the windows before. */
const FEW = 200;

/**
 * Room shared by all that it is given to. First come, first served; what is more than all of it has it alone, and a few windows wait for nobody,
 * so that a first look at many releases never holds up the others' next windows.
 */
export function roomFor(most: number): Room {
  const waiting: { readonly windows: number; readonly begin: () => void }[] = [];
  let held = 0;
  const next = () => {
    for (
      let [first] = waiting;
      first !== undefined && (held === 0 || held + first.windows <= most);
      [first] = waiting
    ) {
      waiting.shift();
      held += first.windows;
      first.begin();
    }
  };
  return async (windows, work) => {
    if (windows <= FEW) return work();
    await new Promise<void>((resolve) => {
      waiting.push({ windows, begin: resolve });
      next();
    });
    try {
      return await work();
    } finally {
      held -= windows;
      next();
    }
  };
}
