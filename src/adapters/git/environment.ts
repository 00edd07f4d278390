/** What a child process is given: nothing of ours but where programs, proxies and certificates are. */
export type Environment = Readonly<Record<string, string>>;

const INHERITED: readonly string[] = [
  "PATH",
  "HOME",
  "TMPDIR",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** An environment in which git reads no configuration of the machine, asks nobody, runs no hook and speaks only http, https and, where `url` is one, file. */
export function environmentOf(url: string, ambient: Readonly<Record<string, string | undefined>>): Environment {
  const inherited = INHERITED.flatMap((key) => (ambient[key] === undefined ? [] : [[key, ambient[key]] as const]));
  return {
    ...Object.fromEntries(inherited),
    ...FIXED,
    ...configured(configurationFor(url)),
  };
}

/** The same environment with the token as an http header for that remote alone. It stays in the memory of the child: no argument, no file has it. */
export function authorised(environment: Environment, url: string, token: string): Environment {
  const credentials = Buffer.from(`x-access-token:${token}`).toString("base64");
  const header = [`http.${new URL(url).origin}/.extraHeader`, `Authorization: Basic ${credentials}`] as const;
  return { ...environment, ...configured([...configurationFor(url), header]) };
}

/** The keys that git reads; simple-git passes on only what it is told by name. */
export function guardedKeys(environment: Environment): readonly string[] {
  return Object.keys(environment).filter((key) => key.startsWith("GIT_"));
}

const FIXED: Environment = {
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ATTR_NOSYSTEM: "1",
};

type Setting = readonly [key: string, value: string];

function configurationFor(url: string): readonly Setting[] {
  const file: readonly Setting[] = url.startsWith("file:") ? [["protocol.file.allow", "always"]] : [];
  return [
    ["protocol.allow", "never"],
    ["protocol.http.allow", "always"],
    ["protocol.https.allow", "always"],
    ...file,
    ["core.hooksPath", "/dev/null"],
    ["core.symlinks", "false"],
    ["credential.helper", ""],
    // A connection slower than this for this long is dead; git itself would wait for ever.
    ["http.lowSpeedLimit", "1000"],
    ["http.lowSpeedTime", "30"],
    // Housekeeping runs when we say so: in the background it would hold locks just when an abort is due.
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
  ];
}

function configured(settings: readonly Setting[]): Environment {
  const pairs = settings.flatMap(([key, value], position): readonly Setting[] => [
    [`GIT_CONFIG_KEY_${position}`, key],
    [`GIT_CONFIG_VALUE_${position}`, value],
  ]);
  return { ...Object.fromEntries<string>(pairs), GIT_CONFIG_COUNT: String(settings.length) };
}
