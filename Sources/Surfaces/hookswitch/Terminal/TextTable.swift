// SPDX-License-Identifier: Apache-2.0

/// Columns of text, as wide as their widest cell; the last one is free.
struct TextTable {
    private let head: [String]
    private var rows: [[String]] = []

    init(_ head: [String]) { self.head = head }

    mutating func add(_ cells: [String]) { self.rows.append(cells.map(Printable.text)) }

    func text(_ style: Style) -> String {
        var widths = self.head.map(\.count)
        for row in self.rows {
            for (place, cell) in row.enumerated() where place < widths.count {
                widths[place] = max(widths[place], cell.count)
            }
        }
        let line = { (cells: [String]) in
            cells.enumerated().map { place, cell in
                place == cells.count - 1 ? cell : cell + String(repeating: " ", count: widths[place] - cell.count)
            }.joined(separator: "  ")
        }
        return ([style.bold(line(self.head))] + self.rows.map(line)).joined(separator: "\n")
    }
}
