import { expect, it } from "vitest";
import { addressRule, isNetwork } from "../../../src/adapters/http/addresses.ts";

it.each([
  ["93.184.215.14", undefined],
  ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", undefined],
  ["10.1.2.3", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", undefined],
  ["192.168.0.1", "private"],
  ["100.64.0.1", "private"],
  ["127.0.0.1", "private"],
  ["::1", "private"],
  ["fd12:3456::1", "private"],
  ["::ffff:10.1.2.3", "private"],
  ["::ffff:a01:203", "private"],
  ["64:ff9b::a9fe:a9fe", "private"],
  ["2002:a9fe:a9fe::1", "private"],
  ["169.254.169.254", "never"],
  ["::ffff:169.254.169.254", "never"],
  ["fe80::1", "never"],
  ["fd00:ec2::254", "never"],
  ["168.63.129.16", "never"],
  ["100.100.100.200", "never"],
  ["0.0.0.0", "never"],
  ["::", "never"],
  ["224.0.0.1", "never"],
  ["255.255.255.255", "never"],
])("%s is %s where the operator allows no network", (address, expected) => {
  expect(addressRule([])(address)).toBe(expected);
});

it.each([
  ["10.1.2.3", undefined],
  ["10.2.0.1", "private"],
  ["::ffff:10.1.2.3", undefined],
  ["fd12::1", undefined],
  ["169.254.169.254", "never"],
  ["fd00:ec2::254", "never"],
])("%s is %s where 10.1.0.0/16, fc00::/7 and all links are allowed", (address, expected) => {
  expect(addressRule(["10.1.0.0/16", "fc00::/7", "169.254.0.0/16"])(address)).toBe(expected);
});

it.each([
  ["10.0.0.0/8", true],
  ["fd00::/8", true],
  ["10.0.0.0", false],
  ["10.0.0.0/33", false],
  ["10.0.0/8", false],
  ["prometheus.example.com/8", false],
  ["10.0.0.0/8/8", false],
  ["10.0.0.0/-1", false],
  ["10.0.0.0/", false],
])("%s is a network: %s", (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});
