// Reading apt's source lists: both formats, other people's repositories, switched-off ones.
import { expect, test } from "vitest";
import { debianMirrors } from "./apt-sources.ts";

test("the one-line format names the mirror, with options or without", () => {
  const text = [
    "# deb http://commented.example/debian bookworm main",
    "deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://one.example/debian/ bookworm main contrib # why",
    "deb-src http://source.example/debian bookworm main",
    "deb https://two.example/pub/debian trixie main",
  ].join("\n");
  expect(debianMirrors([text])).toEqual(["http://one.example/debian", "https://two.example/pub/debian"]);
});

test("the deb822 format names the mirror, continued lines and several of each included", () => {
  const text = [
    "Types: deb deb-src",
    "# a comment between",
    "URIs: http://one.example/debian",
    " http://two.example/debian",
    "Suites: bookworm bookworm-updates",
    "Components: main",
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    "",
    "Types: deb",
    "URIs: http://security.example/debian-security",
    "Suites: bookworm-security",
    "Components: main",
  ].join("\n");
  expect(debianMirrors([text])).toEqual(["http://one.example/debian", "http://two.example/debian"]);
});

test("repositories of others and switched-off paragraphs are no mirrors", () => {
  const text = [
    "Enabled: no",
    "Types: deb",
    "URIs: http://off.example/debian",
    "Suites: trixie",
    "Components: main",
    "",
    "Types: deb",
    "URIs: http://ubuntu.example/ubuntu",
    "Suites: noble",
    "Components: main universe",
  ].join("\n");
  const docker = "deb https://vendor.example/linux/debian bookworm stable\n";
  expect(debianMirrors([text, docker])).toEqual([]);
});

test("what looks like Debian's own path comes first, a mirror list of apt's and an odd path after it", () => {
  const lists = [
    "deb mirror+file:///etc/apt/mirrors/debian.list stable main",
    "deb http://proxy.example/remote-debian-cache trixie main",
    "deb http://mirror.example/debian trixie main",
  ];
  expect(debianMirrors(lists)).toEqual([
    "http://mirror.example/debian",
    "mirror+file:///etc/apt/mirrors/debian.list",
    "http://proxy.example/remote-debian-cache",
  ]);
});
