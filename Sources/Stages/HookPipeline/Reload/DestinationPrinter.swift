// SPDX-License-Identifier: Apache-2.0
import HookCore

/// What a destination says, as bytes: its mark left out. Equal bytes, and only they, are equal destinations. Written out by
/// hand for the same reason as ``RoutePrinter``, and held to reflection by the same test.
enum DestinationPrinter {
    static func bytes(of destination: DestinationSpec) -> [UInt8] {
        var out = SpecBytes()
        out.put(destination.name.text)
        out.put(destination.url.origin)
        self.put(destination.url.path, &out)
        out.put(destination.method)
        for list in [destination.headers, destination.query] {
            out.list(list) { out, item in
                out.put(item.name)
                self.put(item.value, &out)
            }
        }
        self.put(destination.auth, &out)
        self.put(destination.sign, &out)
        self.put(destination.policy, &out)
        out.put(destination.verifiesTLS ? 1 : 0)
        switch destination.egress {
        case .anywhere: out.put(0)
        case .publicOnly(let blocks):
            out.put(1)
            out.list(blocks) { out, block in
                out.put(Int(bitPattern: UInt(block.high)))
                out.put(Int(bitPattern: UInt(block.low)))
                out.put(block.prefix)
            }
        }
        out.put(destination.format?.rawValue ?? "")
        out.put(destination.gzipBytesMin ?? -1)
        return out.bytes
    }

    private static func put(_ template: Template, _ out: inout SpecBytes) {
        out.list(template.parts) { out, part in
            switch part {
            case .literal(let text): out.put(text, 0)
            case .field(let path):
                out.put(path.root.rawValue, 1)
                out.list(path.keys) { $0.put($1) }
            }
        }
    }

    private static func put(_ auth: DestinationSpec.Auth?, _ out: inout SpecBytes) {
        switch auth {
        case nil: out.put(0)
        case .bearer(let secret): out.put(secret.text, 1)
        case .basic(let username, let password):
            out.put(username, 2)
            out.put(password.text)
        case .header(let name, let secret):
            out.put(name, 3)
            out.put(secret.text)
        }
    }

    private static func put(_ sign: SignSpec?, _ out: inout SpecBytes) {
        switch sign {
        case nil: out.put(0)
        case .standardWebhooks(let secret): out.put(secret.text, 1)
        case .hmac(let algorithm, let secret, let header, let prefix, let encoding):
            out.put(algorithm.rawValue, 2)
            for text in [secret.text, header, prefix, "\(encoding)"] { out.put(text) }
        }
    }

    private static func put(_ policy: PolicySpec, _ out: inout SpecBytes) {
        out.put(policy.name.text)
        out.put(policy.timeout)
        out.put(policy.connectTimeout)
        out.put(policy.retry.attempts)
        switch policy.retry.schedule {
        case .exponential(let first, let factor, let max):
            out.put(0)
            out.put(first)
            out.put(Int(bitPattern: UInt(factor.bitPattern)))
            out.put(max)
        case .delays(let delays):
            out.put(1)
            out.list(delays) { $0.put($1) }
        }
        out.put(policy.retry.jitter.rawValue)
        out.list(policy.retry.giveUpAfter.map { [$0] } ?? []) { $0.put($1) }
        out.put(policy.retryOn.network ? 1 : 0)
        for list in [policy.success, policy.retryOn.statuses] {
            out.list(list) { out, status in
                out.put(status.range.lowerBound)
                out.put(status.range.upperBound)
            }
        }
        out.put(policy.concurrency)
        out.put(policy.deadLetter.rawValue)
        out.put(policy.responseBytesMax)
    }
}
