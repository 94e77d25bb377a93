// SPDX-License-Identifier: Apache-2.0
// Rules as people write them, in ten shapes, and webhooks that some of them match. The same seed gives the same rules and
// the same events on every machine.

package import HookCore

/// A generator of mixed rules and of events for them.
///
/// - Shape: rule n has shape n modulo 10. The number of repositories, customers and hosts grows with the number of rules,
///   as it does where rules belong to tenants, so that an event matches a handful of them at any size.
package struct MixedRules: Sendable {
    private let ruleCount: Int
    private var state: UInt64

    package init(ruleCount: Int, seed: UInt64 = 1) {
        self.ruleCount = ruleCount
        self.state = seed
    }

    private static let types = [
        "push", "issues.opened", "issues.closed", "release.published", "pull_request.opened", "pull_request.closed",
        "order.created", "order.paid", "invoice.paid", "customer.updated",
    ]
    private static let actions = [
        "created", "edited", "deleted", "published", "closed", "opened", "labeled", "assigned",
    ]
    private static let countries = ["DE", "FR", "IT", "ES", "SE", "PL", "NL", "US", "JP", "BR"]

    /// Distinct tenants: one for about four rules, at least eight.
    private var tenantCount: Int { max(8, self.ruleCount / 4) }

    // MARK: Rules

    /// The rules, in order; names are `rule-0`, `rule-1`, ….
    package mutating func routes() -> [RouteSpec] {
        (0..<self.ruleCount).map { number in
            let mark = Mark(file: "routes/mixed.yaml", line: number + 1, column: 3)
            let target = TargetSpec(destination: "sink", mark: mark)
            var route = RouteSpec(name: RouteName("rule-\(number)"), mark: mark, targets: .list([target]))
            self.fill(&route, shape: number % 10)
            return route
        }
    }

    private mutating func fill(_ route: inout RouteSpec, shape: Int) {
        let tenant = self.below(self.tenantCount)
        let type = Self.types[self.below(Self.types.count)]
        let action = Self.actions[self.below(Self.actions.count)]
        var fields: [Condition] = []
        switch shape {
        case 0:
            route.events = [EventPattern(type: type)]
            fields = [Self.equal(["repository", "full_name"], "org-\(tenant)/service")]
        case 1:
            let names = (0..<3).map { _ in ValueTest.equals(.string("user-\(self.below(self.tenantCount))")) }
            fields = [Self.field(["sender", "login"], .anyOf(names)), Self.equal(["action"], action)]
        case 2:
            route.events = [EventPattern(type: "*.created"), EventPattern(type: type)]
            fields = [Self.field(["ref"], .prefix("refs/heads/team-\(tenant)/"))]
        case 3:
            fields = [Self.field(["sender", "email"], .suffix("@team-\(tenant).example.com"))]
        case 4:
            fields = [
                Self.equal(["customer", "id"], "C\(tenant)"),
                Self.field(["total_cents"], .number(.gte, JSONNumber(self.below(100_000)))),
            ]
        case 5:
            fields = [
                Self.field(["issue", "pull_request"], .exists(true)),
                Self.equal(["repository", "owner", "login"], "org-\(tenant)"),
            ]
        case 6:
            fields = [
                Self.equal(["organization", "login"], "org-\(tenant)"),
                Self.field(["action"], .not(.equals(.string(action)))),
            ]
        case 7:
            fields = [Self.field(["repository", "name"], .equalsIgnoringCase("Service-\(tenant)"))]
        case 8:
            let low = self.below(max(1000, self.ruleCount * 10))
            fields = [Self.field(["number"], .between(JSONNumber(low), JSONNumber(low + 40)))]
        default:
            fields = [
                .or([
                    Self.equal(["installation", "id"], "\(tenant)"),
                    .and([
                        Self.equal(["shipping", "country"], Self.countries[self.below(Self.countries.count)]),
                        Self.equal(["customer", "id"], "C\(tenant)"),
                    ]),
                ])
            ]
        }
        route.match = .and(fields)
    }

    private static func field(_ keys: [String], _ test: ValueTest) -> Condition {
        .field(FieldPath(.data, keys), test, nil)
    }

    private static func equal(_ keys: [String], _ text: String) -> Condition {
        self.field(keys, .equals(.string(text)))
    }

    // MARK: Events

    /// An event type and the body of a webhook, about 1.6 KB, most of which no rule asks for.
    package mutating func event() -> (type: String, body: [UInt8]) {
        let tenant = self.below(self.tenantCount)
        let user = "user-\(self.below(self.tenantCount))"
        let action = Self.actions[self.below(Self.actions.count)]
        let body: JSONValue = [
            "action": .string(action), "ref": .string("refs/heads/team-\(tenant)/feature-\(self.below(100))"),
            "number": .int(self.below(max(1000, self.ruleCount * 10))), "total_cents": .int(self.below(100_000)),
            "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "after": "0000000000000000000000000000000000000000",
            "repository": self.repository(tenant), "sender": self.sender(user, tenant),
            "organization": ["login": .string("org-\(tenant)"), "id": .int(tenant), "description": "Things that run"],
            "customer": ["id": .string("C\(tenant)"), "vip": false],
            "shipping": ["country": .string(Self.countries[self.below(Self.countries.count)]), "city": "Anytown"],
            "installation": ["id": .string("\(tenant)"), "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uMQ=="],
            "issue": self.below(2) == 0
                ? ["title": "It breaks"] : ["title": "It breaks", "pull_request": ["url": "u"]],
            "labels": [["id": 1, "name": "bug", "color": "d73a4a"], ["id": 2, "name": "urgent", "color": "ffffff"]],
            "commits": .array((0..<2).map { self.commit($0, user) }),
        ]
        return (Self.types[self.below(Self.types.count)], body.encoded())
    }

    private func repository(_ tenant: Int) -> JSONValue {
        [
            "id": 186_853_002, "node_id": "MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI=", "name": .string("SERVICE-\(tenant)"),
            "full_name": .string("org-\(tenant)/service"), "private": false,
            "owner": [
                "login": .string("org-\(tenant)"), "id": 21_031_067, "type": "Organization", "site_admin": false,
            ],
            "html_url": .string("https://git.example.com/org-\(tenant)/service"), "fork": false, "size": 2,
            "open_issues": 1,
            "default_branch": "main", "created_at": "2019-05-15T15:19:25Z", "updated_at": "2019-05-15T15:20:34Z",
        ]
    }

    private func sender(_ user: String, _ tenant: Int) -> JSONValue {
        [
            "login": .string(user), "id": 21_031_067, "email": .string("\(user)@team-\(tenant).example.com"),
            "avatar_url": "https://avatars.example.com/u/21031067?v=4", "type": "User", "site_admin": false,
        ]
    }

    private func commit(_ place: Int, _ user: String) -> JSONValue {
        [
            "id": "6113728f27ae82c7b1a177c8d03f9e96e0adf246", "message": "Say what changed, and why \u{2713}",
            "distinct": true,
            "author": ["name": .string(user), "email": .string("\(user)@example.com")], "added": ["a.txt"],
            "removed": .array([]), "modified": ["src/main.c", .string("src/part\(place).c")],
        ]
    }

    // MARK: Chance

    /// A number from 0 to `bound` - 1, by SplitMix64.
    private mutating func below(_ bound: Int) -> Int {
        // Wraps by design.
        self.state = self.state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 31)) >> 33) % bound
    }
}
