// ../../../tmp/shim/vitest.mjs
import * as chai from "chai";
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend, ASYMMETRIC_MATCHERS_OBJECT, GLOBAL_EXPECT, getState, setState } from "@vitest/expect";
chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
var expect2 = (v, m) => {
  const { assertionCalls } = getState(expect2);
  setState({ assertionCalls: assertionCalls + 1 }, expect2);
  return chai.expect(v, m);
};
Object.assign(expect2, chai.expect);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect2, writable: true, configurable: true });
expect2.getState = () => getState(expect2);
expect2.setState = (s) => setState(s, expect2);
setState({ assertionCalls: 0, isExpectingAssertions: false, isExpectingAssertionsError: null, expectedAssertionsNumber: null, expectedAssertionsNumberErrorGen: null }, expect2);
expect2.soft = expect2;
var suites = [{ before: [], after: [], be: [], ae: [] }];
var all = [];
var add = (name, fn) => all.push({ name: [...suites.map((s) => s.name).filter(Boolean), name].join(" > "), fn, be: suites.flatMap((s) => s.be), chain: [...suites] });
var test = (name, a, b) => add(name, typeof a === "function" ? a : b);
test.each = (rows) => (name, fn) => {
  for (const r of rows) add(name.replace(/%[sji#d]/, () => String(JSON.stringify(Array.isArray(r) ? r[0] : r)).slice(0, 60)), () => fn(...Array.isArray(r) ? r : [r]));
};
test.skipIf = (c) => c ? () => {
} : test;
test.skip = () => {
};
var describe = (name, fn) => {
  suites.push({ name, before: [], after: [], be: [], ae: [] });
  fn();
  suites.pop();
};
describe.each = (rows) => (name, fn) => {
  for (const r of rows) describe(name, () => fn(...Array.isArray(r) ? r : [r]));
};
var restores = [];
var envs = [];
var vi = {
  spyOn: (o, k) => {
    const old = o[k];
    restores.push(() => {
      o[k] = old;
    });
    return { mockImplementation: (f) => {
      o[k] = f;
    } };
  },
  restoreAllMocks: () => {
    while (restores.length) restores.pop()();
  },
  stubEnv: (k, v) => {
    const o = process.env[k];
    envs.push(() => {
      if (o === void 0) delete process.env[k];
      else process.env[k] = o;
    });
    process.env[k] = v;
  },
  unstubAllEnvs: () => {
    while (envs.length) envs.pop()();
  }
};
async function runAll(only) {
  const log = console.log;
  let ok = 0, bad = 0;
  const begun = /* @__PURE__ */ new Set();
  for (const t of all) {
    if (only && !only.test(t.name)) continue;
    for (const s of t.chain) if (!begun.has(s)) {
      begun.add(s);
      for (const f of s.before) await f();
    }
    try {
      for (const s of t.chain) for (const f of s.be) await f();
      await t.fn({});
      ok++;
    } catch (e) {
      vi.restoreAllMocks();
      bad++;
      log("FAIL", t.name, "\n   ", String(e.message ?? e).slice(0, 900));
    } finally {
      for (const s of t.chain) for (const f of s.ae) await f();
    }
  }
  for (const s of begun) for (const f of s.after) await Promise.resolve(f()).catch(() => {
  });
  log(`${ok} passed, ${bad} failed`);
}

// workload/each-once.test.ts
import { z } from "zod";

// workload/each-once.ts
function placesTwice(names) {
  const before = /* @__PURE__ */ new Set();
  return names.flatMap((name, index) => {
    if (before.has(name)) return index;
    before.add(name);
    return [];
  });
}
var eachOnce = (message, nameOf, ...below) => ({ value, issues }) => {
  const names = value.map(nameOf);
  for (const index of placesTwice(names))
    issues.push({ code: "custom", path: [index, ...below], input: names[index], message });
};

// workload/each-once.test.ts
var told = (schema, value) => schema.safeParse(value).error?.issues.map(({ path, message }) => [path, message]) ?? [];
test("each entry but the first of a name is told of, by its own path", () => {
  const parts = z.array(z.object({ name: z.string() })).check(eachOnce("twice", ({ name }) => name, "name"));
  expect2(told(parts, [{ name: "a" }, { name: "b" }])).toEqual([]);
  expect2(told(parts, [{ name: "a" }, { name: "b" }, { name: "a" }, { name: "a" }])).toEqual([
    [[2, "name"], "twice"],
    [[3, "name"], "twice"]
  ]);
});
test("an absent name may be one", () => {
  const bounds = z.array(z.object({ clients: z.int().optional() })).check(eachOnce("twice", ({ clients = 1 }) => clients, "clients"));
  expect2(told(bounds, [{}, { clients: 1 }])).toEqual([[[1, "clients"], "twice"]]);
  expect2(told(bounds, [{}, { clients: 2 }])).toEqual([]);
});
test("an entry may be a name itself", () => {
  const names = z.array(z.string()).check(eachOnce("twice", (name) => name));
  expect2(told(names, ["a", "b", "a"])).toEqual([[[2], "twice"]]);
});

// <stdin>
var stdin_default = runAll;
export {
  stdin_default as default
};
