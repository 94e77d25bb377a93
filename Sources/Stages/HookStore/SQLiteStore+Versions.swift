// SPDX-License-Identifier: Apache-2.0
// Who still uses which version of an event: totals, one row for each pair of party and version.
import GRDB
package import HookCore

extension SQLiteStore {
    package func addVersionUses(_ uses: [VersionUse]) async throws(StoreFailure) {
        if uses.isEmpty { return }
        try await self.change { context in
            for use in uses {
                let (party, name, route) = use.key.party.stored
                try context.run(
                    """
                    INSERT INTO version_uses (party, name, route, type, version, count, first, last)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (party, name, route, type, version) DO UPDATE SET
                    count = count + excluded.count, first = min(first, excluded.first), last = max(last, excluded.last)
                    """,
                    [
                        party.databaseValue, name.databaseValue, route.databaseValue, use.key.type.databaseValue,
                        use.key.version.text.databaseValue, use.count.databaseValue, use.first.stored, use.last.stored,
                    ])
            }
        }
    }

    package func versionUses() async throws(StoreFailure) -> [VersionUse] {
        try await self.listReader.value { database in
            let sql = """
                SELECT party, name, route, type, version, count, first, last FROM version_uses
                ORDER BY party, name, route, type, version
                """
            return try Row.fetchAll(database, sql: sql).compactMap { row in
                guard let party = VersionUse.Key.Party(row[0], name: row[1], route: row[2]),
                    let version = VersionUse.Version(row[4] as String)
                else { return nil }
                return VersionUse(
                    key: VersionUse.Key(party: party, type: row[3], version: version), count: row[5],
                    first: WallTime(milliseconds: row[6]), last: WallTime(milliseconds: row[7]))
            }
        }
    }
}

extension VersionUse.Key.Party {
    fileprivate var stored: (party: Int64, name: String, route: String) {
        switch self {
        case .sender(let source): (0, source.text, "")
        case .receiver(let destination, let route): (1, destination.text, route.text)
        }
    }

    fileprivate init?(_ party: Int64, name: String, route: String) {
        switch party {
        case 0: self = .sender(SourceName(name))
        case 1: self = .receiver(DestinationName(name), route: RouteName(route))
        default: return nil
        }
    }
}
