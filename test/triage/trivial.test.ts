import { expect, test } from "vitest";

import type { RawLine } from "../../src/git/raw-commit.ts";
import { trivial } from "../../src/triage/trivial.ts";

function lines(texts: readonly string[]): RawLine[] {
  return texts.map((text) => ({ mark: text[0] as RawLine["mark"], text: text.slice(1) }));
}

test.each([
  ["a.ts", ["-if (a) {b()}", "+if (a) {", "+  b()", "+}"], "blank"],
  ["a.py", ["-  return x", "+    return x"], null],
  ["a.py", ["-return x+1", "+return x + 1"], "blank"],
  ["deploy.yaml", ["-  a: 1", "+a: 1"], null],
  ["a.go", ["+", "+\t"], "blank"],
  ["a.ts", ["-// old", "+// new", "+/* more */", "+"], "comment"],
  ["a.py", ["+# why"], "comment"],
  ["a.c", ["+#define LIMIT 5"], null],
  ["a.c", ["+#include <stdio.h>"], "import"],
  ["a.sql", ["+-- why"], "comment"],
  ["a.ts", ["+--count;"], null],
  ["a.c", ["+*p = 0;"], null],
  ["readme.md", ["+# Title"], null],
  ["run.sh", ["+#!/bin/sh"], null],
  ["a.ts", ["-import { a } from './a.ts';", "+import { a, b } from './a.ts';"], "import"],
  ["a.ts", [" import {", "   a,", "+  b,", " } from './a.ts';"], "import"],
  ["a.ts", [" const list = [", "   a,", "+  b,", " ];"], null],
  ["a.py", ["+from shop import cart", "+import os"], "import"],
  ["a.rs", ["+use std::io::{self, Read};"], "import"],
  ["a.ts", ["+import './polyfill.ts';", "+start();"], null],
  ["a.js", ["+const fs = require('fs');"], "import"],
] as const)("%s %j is %s", (path, texts, kind) => {
  expect(trivial(path, lines(texts))).toBe(kind);
});
