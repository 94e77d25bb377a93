// SPDX-License-Identifier: Apache-2.0
import Hummingbird
import GRDB
import Crypto
import NIOHTTP1
import ArgumentParser
import DequeModule
@main struct Main { static func main() { print("x") } }
