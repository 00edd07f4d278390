/** Something that GitHub does not describe so: of which operation or event, what is said, and the value that it is said of. */
export type Fault = { readonly what: string; readonly said: string; readonly value?: unknown };

/** Where GitHub is known to do other than it describes. */
export type Exception = { readonly name: string; readonly why: string; readonly fits: (fault: Fault) => boolean };

/** All that is let pass, each with its reason; a test shows of each that the sandbox needs it. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    name: "a bot's address",
    why: "GitHub writes a bot's login into its address with the brackets, which the format of addresses does not allow.",
    fits: ({ said, value }) =>
      said.includes('format "email"') && String(value).endsWith("[bot]@users.noreply.github.com"),
  },
  {
    name: "the status of a refusal",
    why: "Every refusal of GitHub's says its status in the body too; the shared schema has it, those of single operations do not.",
    fits: ({ what, said }) => / [45]\d\d$/.test(what) && said === "#/status: is not described",
  },
  {
    name: "no address of a deployment",
    why: "An empty text is the description's own default for what it calls an address.",
    fits: ({ what, said, value }) =>
      what.includes("/deployments/{id}/statuses") && said.includes('format "uri"') && value === "",
  },
  {
    name: "the list of installations",
    why: "Its own copy of an installation wants an account to be a person and an enterprise at once; the same shape is described right for a single one.",
    fits: ({ what, said }) =>
      what === "GET /app/installations 200" && /^#\/\d+\/(?:account\b|client_id: is not described)/.test(said),
  },
];
