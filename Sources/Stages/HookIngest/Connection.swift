// SPDX-License-Identifier: Apache-2.0
import HookCore
import NIOCore
import Synchronization

/// One connection: bytes in, requests to the pipeline, answers out in the order of the requests.
///
/// Order needs no queue: while an answer is outstanding nothing more is parsed, and nothing more is read.
///
/// - Isolation: its event loop. Answers from other threads hop there first.
/// - Bounds: one request in memory and at most what one read delivers behind it.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        case head
        case body
        /// The pipeline has the request.
        case awaiting
        /// The last answer is out; what still comes is thrown away, so that a reset does not overtake the answer.
        case lingering
        case closed
    }

    let loop: LoopState
    var state: State = .head
    var parser: HeadParser
    var chunks: ChunkParser
    var body = BodyBuffer()
    var head = RequestHead()
    var slot: SourceSlot?
    /// Decided by the head alone; said when the body has been read.
    var early: IngestAnswer?
    var deadline: Duration
    var bodyBegan: Duration = .zero
    private var inbox = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var peer: CIDR?
    private var generation: UInt64 = 0
    private var received: Duration = .zero
    private var isAdvancing = false
    private var isReading = false
    private var isInputClosed = false
    private var needsFlush = false
    private var isLastWritten = false
    /// Bytes claimed ahead, to spare most pieces of a body the atomic operation.
    private static let claimStep = 16 * 1024
    /// Bytes claimed of the listener's budget for the body that is being read.
    private var claim = 0

    init(loop: LoopState) {
        self.loop = loop
        self.parser = HeadParser(limits: loop.shared.limits)
        self.chunks = ChunkParser(limits: loop.shared.limits)
        self.deadline = loop.shared.environment.now() + loop.shared.limits.headerTimeout
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.loop.connections[ObjectIdentifier(self)] = self
        self.loop.shared.connections.wrappingAdd(1, ordering: .relaxed)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        self.state = .closed
        self.releaseClaim()
        if self.loop.connections.removeValue(forKey: ObjectIdentifier(self)) != nil {
            self.loop.shared.connections.wrappingSubtract(1, ordering: .relaxed)
            self.loop.shared.connectionEnded()
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.peer = Self.address(of: context.remoteAddress)
        if self.loop.shared.connections.load(ordering: .relaxed) > self.loop.shared.limits.connectionsMax {
            self.reply(
                .unavailable(
                    code: "ingest/connections", detail: "This server has as many connections as it takes.",
                    retryAfter: 1,
                    closes: true))
            self.flush()
        }
        self.readMore()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if self.state == .lingering || self.state == .closed { return }
        if self.inbox.readableBytes == 0 {
            self.inbox = bytes
        } else {
            // What was parsed goes first: a client whose packets always end within a line would keep all its bytes here.
            self.inbox.discardReadBytes()
            self.inbox.writeBuffer(&bytes)
        }
        self.advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.advance() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent {
            self.isInputClosed = true
            switch self.state {
            case .head, .body, .closed: self.close()
            case .lingering: if self.isLastWritten { self.close() }
            case .awaiting: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.close() }

    // MARK: Progress

    /// HOT: parses and hands over until bytes or an answer are missing.
    private func advance() {
        if self.isAdvancing { return }
        self.isAdvancing = true
        do throws(FramingFailure) {
            while try self.step() {}
        } catch {
            self.fail(IngestAnswer(error))
        }
        self.isAdvancing = false
        self.flush()
        if self.isInputClosed, self.state == .head || self.state == .body { self.close() }
        self.readMore()
    }

    /// One head, or one piece of a body; whether there may be more to do.
    private func step() throws(FramingFailure) -> Bool {
        // A client that does not read its answers gets no further ones made.
        guard let context = self.context, context.channel.isWritable else { return false }
        switch self.state {
        case .head:
            if self.inbox.readableBytes == 0 { return false }
            if !self.parser.hasBegun { self.deadline = self.now + self.loop.shared.limits.headerTimeout }
            var used = 0
            // A second reference, not a copy: a span may not outlive an access to a property of a class.
            let inbox = self.inbox
            let step = try self.parser.parse(inbox.readableBytesUInt8Span, used: &used)
            self.inbox.moveReaderIndex(forwardBy: used)
            guard step == .done else { return false }
            self.head = try self.parser.finish()
            self.admit()
            return true
        case .body: return try self.readBody()
        case .awaiting, .lingering, .closed: return false
        }
    }

    private func readBody() throws(FramingFailure) -> Bool {
        switch self.head.framing {
        case .none: break
        case .length(let length):
            let count = min(length - self.body.count, self.inbox.readableBytes)
            if count > 0 {
                let inbox = self.inbox
                self.body.append(inbox.readableBytesUInt8Span.extracting(first: count))
                self.inbox.moveReaderIndex(forwardBy: count)
            }
            guard self.claimBody() else { return self.refuseBody() }
            if self.body.count < length { return false }
        case .chunked:
            if self.inbox.readableBytes == 0 { return false }
            var used = 0
            let limit = self.early == nil ? self.slot?.bodyBytesMax : nil
            let inbox = self.inbox
            let step = try self.chunks.parse(
                inbox.readableBytesUInt8Span, used: &used, into: &self.body,
                bytesMax: limit ?? self.loop.shared.limits.bodyBytesMax)
            self.inbox.moveReaderIndex(forwardBy: used)
            guard self.claimBody() else { return self.refuseBody() }
            if step == .needsMore { return false }
        }
        self.dispatch()
        return true
    }

    /// Goes on from a head to its body, or answers at once.
    private func admit() {
        let admission = Admission.decide(self.head, posture: self.loop.shared.current, limits: self.loop.shared.limits)
        self.slot = admission.slot
        self.early = admission.answer
        self.chunks = ChunkParser(limits: self.loop.shared.limits)
        self.body = BodyBuffer()
        if admission.isImmediate, let answer = admission.answer {
            self.reply(answer)
            return
        }
        self.body.isDiscarding = admission.answer != nil
        if case .length(let length) = self.head.framing { self.body.reserve(length) }
        self.state = .body
        self.bodyBegan = self.now
        self.deadline = self.bodyBegan + self.loop.shared.limits.bodyTimeout
        if self.head.expectsContinue, self.head.framing != .length(0) {
            self.write(ByteBuffer(bytes: AnswerWriter.goOn))
        }
    }

    private func refuseBody() -> Bool {
        self.fail(.bodiesFull)
        return false
    }

    /// Claims what has come in, in steps: what is only announced costs nothing, so silent senders keep nobody out.
    private func claimBody() -> Bool {
        if self.body.count <= self.claim { return true }
        let bytes = self.body.count - self.claim + Self.claimStep
        guard self.loop.shared.bodies.claim(bytes) else { return false }
        self.claim += bytes
        return true
    }

    private func releaseClaim() {
        if self.claim > 0 { self.loop.shared.bodies.release(self.claim) }
        self.claim = 0
    }

    /// The request is whole: the pipeline's turn.
    private func dispatch() {
        if let answer = self.early {
            self.reply(answer)
            return
        }
        guard let slot = self.slot, let context = self.context else { return }
        let environment = self.loop.shared.environment
        let wall = environment.wall()
        let accepted = Accepted(
            id: EventID(time: wall, random: environment.random()), source: slot.name, receivedAt: wall,
            method: self.head.method == .put ? "PUT" : "POST", path: slot.path,
            query: self.head.query.isEmpty ? "" : String(decoding: self.head.query, as: UTF8.self),
            headers: self.head.headers, body: self.body.take(), peer: self.peer)
        self.head.headers = HeaderBlock()
        self.state = .awaiting
        self.generation += 1
        self.received = self.now
        let generation = self.generation
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        // The claim goes with the request: it ends with the answer, also where the connection has ended before.
        let (bodies, claim) = (self.loop.shared.bodies, self.claim)
        self.claim = 0
        self.loop.shared.receive(accepted, self.loop.index) { answer in
            bodies.release(claim)
            if eventLoop.inEventLoop {
                bound.value.settle(answer, generation)
            } else {
                eventLoop.execute { bound.value.settle(answer, generation) }
            }
        }
    }

    /// The pipeline's answer. A second one for the same request is ignored.
    private func settle(_ answer: IngestAnswer, _ generation: UInt64) {
        guard self.state == .awaiting, generation == self.generation else { return }
        self.slot?.observe(self.now - self.received)
        self.reply(answer)
        self.advance()
    }

    private var now: Duration { self.loop.shared.environment.now() }

    // MARK: Answers

    /// Refuses for a reason that leaves the bytes behind in doubt.
    func fail(_ answer: IngestAnswer) {
        self.head.keepsAlive = false
        self.reply(answer)
        self.flush()
    }

    private func reply(_ answer: IngestAnswer) {
        self.releaseClaim()
        guard let context = self.context else { return }
        self.record(answer)
        let closes = answer.closes || !self.head.keepsAlive || self.loop.shared.isDraining.load(ordering: .relaxed)
        let frame = AnswerWriter.Frame(
            date: self.loop.date(self.loop.shared.environment.wall()), closes: closes,
            isOldVersion: self.head.isOldVersion,
            omitsBody: self.head.method == .head, requestID: self.head.requestID)
        var buffer = context.channel.allocator.buffer(capacity: 256 + answer.body.count)
        AnswerWriter.write(answer, frame, to: &buffer)
        if closes {
            self.writeLast(buffer)
        } else {
            self.write(buffer)
            self.state = .head
            self.deadline = self.now + self.loop.shared.limits.idleTimeout
        }
        self.head = RequestHead()
        self.slot = nil
        self.early = nil
    }

    private func record(_ answer: IngestAnswer) {
        if let slot = self.slot {
            slot.count(answer.outcome)
        } else if case .refused(let code) = answer.outcome {
            self.loop.shared.signals.counter(.eventsReceived, "", "refused", code).add()
        } else if case .failed(let code) = answer.outcome {
            self.loop.shared.signals.counter(.eventsReceived, "", "failed", code).add()
        }
        switch answer.outcome {
        case .refused(let code), .failed(let code):
            self.loop.shared.watch(code, source: self.slot?.name.text ?? "", status: answer.status)
            self.loop.logRefusal(
                code: code, source: self.slot?.name.text ?? "", status: answer.status,
                requestID: String(decoding: self.head.requestID, as: UTF8.self),
                peer: self.context?.remoteAddress?.ipAddress ?? "")
        case .accepted, .quarantined, .duplicate, .served: break
        }
    }

    private func write(_ buffer: ByteBuffer) {
        self.context?.write(self.wrapOutboundOut(buffer), promise: nil)
        self.needsFlush = true
    }

    /// Writes, closes the sending side, and lingers.
    private func writeLast(_ buffer: ByteBuffer) {
        guard let context = self.context else { return }
        self.state = .lingering
        self.inbox = ByteBuffer()
        self.deadline = self.now + Self.lingerMax
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.isLastWritten = true
            if self.isInputClosed { self.close() } else { self.context?.close(mode: .output, promise: nil) }
        }
        context.write(self.wrapOutboundOut(buffer), promise: promise)
        self.needsFlush = true
    }

    /// Long enough for an answer to arrive, short enough not to keep descriptors.
    private static let lingerMax: Duration = .seconds(2)

    private func flush() {
        guard self.needsFlush else { return }
        self.needsFlush = false
        self.context?.flush()
    }

    private func readMore() {
        guard !self.isReading, !self.isInputClosed, let context = self.context else { return }
        switch self.state {
        case .head, .body:
            guard context.channel.isWritable else { return }
        case .lingering: break
        case .awaiting, .closed: return
        }
        self.isReading = true
        context.read()
    }

    func close() {
        self.state = .closed
        self.context?.close(promise: nil)
    }

    /// Whether nothing of a request is here.
    var isIdle: Bool { self.state == .head && !self.parser.hasBegun && self.inbox.readableBytes == 0 }

    private static func address(of peer: SocketAddress?) -> CIDR? {
        guard let text = peer?.ipAddress else { return nil }
        // A link-local IPv6 address carries its zone, which is no part of the address.
        return CIDR(String(text.prefix { $0 != "%" }))
    }
}
