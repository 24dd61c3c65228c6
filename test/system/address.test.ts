import { expect, test } from "vitest";

import { isLoopbackHost, isPrivateAddress } from "../../src/system/address.ts";

test.for(["127.0.0.1", "127.8.9.1", "[::1]", "localhost", "localhost.", "shop.localhost"])(
  "%s is this machine",
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.for([
  "example.com",
  "localhost.example.com",
  "notlocalhost",
  "128.0.0.1",
  "[::2]",
  "127.0.0.1.example.com",
])("%s is not this machine", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test.for([
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "127.0.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "198.18.0.1",
  "::",
  "::1",
  "fe80::1",
  "fd00:ec2::254",
  "ff02::1",
  "::ffff:192.168.0.1",
  "64:ff9b::a00:1",
  "2002:a00:1::1",
])("%s is not public", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.for(["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"])(
  "%s is public",
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);
