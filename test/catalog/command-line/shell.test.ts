import { expect, test } from "vitest";
import { splitShell, unseen } from "../../../catalog/command-line/shell";

const surroundings = {
  variable: (name: string) => ({ MODEL: "org/model", MORE: "--a  --b", SECRET: unseen })[name],
  parameters: ["run", "one", "two words"],
};

function split(script: string): readonly (readonly string[])[] {
  return splitShell(script, surroundings).map((words) => words.map(({ text }) => text));
}

test.each<[string, string, string[][]]>([
  ["blanks", "vllm  serve\tm", [["vllm", "serve", "m"]]],
  ["commands", "a; b && c || d | e & f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]],
  ["a group", "(cd /x; { run; })", [["cd", "/x"], ["{", "run"], ["}"]]],
  ["single quotes", `run '--a "b" $c \\'`, [["run", '--a "b" $c \\']]],
  ["double quotes", `run "--a 'b' \\"c\\" \\d"`, [["run", `--a 'b' "c" \\d`]]],
  ["quotes within a word", `--"a"'-'b`, [["--a-b"]]],
  ["an empty word", `run "" ''`, [["run", "", ""]]],
  ["escapes", "--a\\ b\\-c", [["--a b-c"]]],
  ["a line that goes on", "run \\\n  --a\\\nb", [["run", "--ab"]]],
  ["a comment", "run --a # --b\n--c#d", [["run", "--a"], ["--c#d"]]],
  ["redirections", "run --a >/dev/null 2>&1 --b <in >>out", [["run", "--a", "--b"]]],
  ["an escape of any character", "run $'\\x2d\\055a\\u002db'", [["run", "--a-b"]]],
  ["a variable", "run $MODEL ${MODEL}s", [["run", "org/model", "org/models"]]],
  ["a variable of several words", `run $MORE "$MORE"`, [["run", "--a", "--b", "--a  --b"]]],
  ["a variable that is not set", `run $NONE "$NONE" end`, [["run", "", "end"]]],
  ["no variable in single quotes, and none after an escape", `run '$MODEL' \\$MODEL`, [["run", "$MODEL", "$MODEL"]]],
  ["a default", "run ${NONE:-$MODEL} ${MODEL:-x} ${NONE-y}", [["run", "org/model", "org/model", "y"]]],
  ["an alternative", "run ${MODEL:+--a} ${NONE:+--b} end", [["run", "--a", "end"]]],
  [
    "an assignment",
    `A="--x --y" B=$A; run $A "$B"`,
    [
      ["A=--x --y", "B=--x --y"],
      ["run", "--x", "--y", "--x --y"],
    ],
  ],
  ["more of a variable", "A=a; A+=b; run $A", [["A=a"], ["A+=b"], ["run", "ab"]]],
  ["an array", `A=(--x --y); run "\${A[@]}"`, [["A="], ["--x", "--y"], ["run", ""]]],
  ["parameters", `run "$@" $2 $0`, [["run", "one", "two words", "two", "words", "run"]]],
  ["numbers of the shell", "run $? $# $((1 + 2))", [["run", "0", "0", "0"]]],
  ["a command's output", "run $(cat $(ls)) `ls`", [["run", unseen, unseen]]],
  ["a cut value", "run ${MODEL%/*}", [["run", unseen]]],
  ["quotes that never end", `run "--a`, [["run", "--a"]]],
])("splits %s", (_what, script, expected) => {
  expect(split(script)).toEqual(expected);
});

test.each([
  ["an output", "$(cat args)", true],
  ["an output in quotes", '"$(cat args)"', false],
  ["a value that nobody sees", "$SECRET", true],
  ["that value in quotes", '"--key=$SECRET"', false],
  ["a choice in braces", "--{a,b}", true],
  ["JSON in quotes", `'{"a":1,"b":2}'`, false],
  ["a known value", "$MODEL", false],
])("knows whether %s may be several words", (_what, script, splits) => {
  expect(
    splitShell(script, surroundings)
      .flat()
      .map((word) => word.splits),
  ).toEqual([splits]);
});
