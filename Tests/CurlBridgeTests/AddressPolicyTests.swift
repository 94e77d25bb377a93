// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import CurlBridge

@Suite struct AddressPolicyTests {
    static let denied = [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1",
        "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
        "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
        "fe80::1%eth0",
    ]

    // Just outside each range.
    static let allowed = [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2002:808:808::1", "2001:1::1", "2606:4700::1111", "fbff::1",
    ]

    @Test(arguments: denied)
    func denies(_ text: String) throws {
        let address = try #require(PeerAddress(text: text))
        #expect(!AddressPolicy.denyPrivate().allows(address))
        #expect(AddressPolicy.any.allows(address))
    }

    @Test(arguments: allowed)
    func allows(_ text: String) throws {
        #expect(AddressPolicy.denyPrivate().allows(try #require(PeerAddress(text: text))))
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "::g", "host"])
    func `is no address`(_ text: String) { #expect(PeerAddress(text: text) == nil) }
}
