#include "net/link/connection.hpp"

#include <algorithm>
#include <utility>

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// For the peer's answer to a closing frame.
constexpr milliseconds closing_patience{2000};
/// Ticks in the shorter of ping and stall.
constexpr int ticks = 4;

}  // namespace

Connection::Connection(std::unique_ptr<Channel> channel, Loop::Context& context,
                       std::string address, const LinkLimits& limits)
    : channel_{std::move(channel)},
      address_{std::move(address)},
      limits_{limits},
      ticks_{context},
      pause_{context} {}

void Connection::greet(Greeting greeting, std::optional<Hello> own) {
  greeting_ = std::move(greeting);
  ticks_.expires_after(limits_.handshake);
  ticks_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error && self->phase_ == Phase::greeting) {
      self->fail(Error{Errc::deadline, "the peer did not introduce itself in time"});
    }
  });
  channel_->handshake([self = shared_from_this(), own = std::move(own)](ErrorCode error) {
    if (self->phase_ != Phase::greeting) return;
    if (error) return self->fail(error);
    self->hello_.assign(max_hello_bytes + 1, 0);
    if (!own) return self->read_hello(0);
    self->send_hello(*own, [self] {
      self->hello_.assign(max_hello_bytes + 1, 0);
      self->read_hello(0);
    });
  });
}

void Connection::send_hello(const Hello& hello, std::function<void()> then) {
  hello_ = encode(hello);
  is_writing_ = true;
  channel_->write(hello_, {}, [self = shared_from_this(), then = std::move(then)](ErrorCode error) {
    self->is_writing_ = false;
    if (self->phase_ != Phase::greeting && self->phase_ != Phase::running) return;
    if (error) return self->fail(error);
    then();
  });
}

void Connection::read_hello(std::size_t have) {
  if (have == hello_.size()) {
    return break_rules(Error{Errc::malformed, "the peer's hello is too long"});
  }
  channel_->read_some(std::span{hello_}.subspan(have), [self = shared_from_this(), have](
                                                           ErrorCode error, std::size_t count) {
    if (self->phase_ != Phase::greeting) return;
    if (error) return self->fail(error);
    if (!self->channel_->is_message_done()) return self->read_hello(have + count);
    auto hello = self->channel_->is_binary()
                     ? decode_hello(ByteView{self->hello_}.first(have + count))
                     : Result<Hello>{Error{Errc::malformed, "the peer sent text, not blocks"}};
    if (!hello) return self->break_rules(hello.error());
    self->ticks_.cancel();
    const auto on_hello = self->greeting_.on_hello;  // outlives the greeting
    on_hello(std::move(hello).value());
  });
}

void Connection::run(std::shared_ptr<BlockSource> source, std::optional<Hello> own) {
  if (phase_ != Phase::greeting)
    return source->on_lost({Errc::unavailable, "it is closed already"});
  phase_ = Phase::running;
  source_ = std::move(source);
  greeting_ = {};
  last_progress_ = last_ping_ = Clock::now();
  arm(std::min(limits_.ping, limits_.stall) / ticks);
  read_header(0);
  if (own) return send_hello(*own, [this] { write_next(); });
  write_next();
}

void Connection::read_header(std::size_t have) {
  if (phase_ != Phase::running) return;
  channel_->read_some(std::span{header_in_}.subspan(have), [self = shared_from_this(), have](
                                                               ErrorCode error, std::size_t count) {
    if (self->phase_ != Phase::running) return;
    if (error) return self->fail(error);
    if (!self->channel_->is_binary()) {
      return self->break_rules({Errc::malformed, "the peer sent text, not blocks"});
    }
    const std::size_t total = have + count;
    if (total == self->header_in_.size()) return self->on_header();
    if (!self->channel_->is_message_done()) return self->read_header(total);
    self->break_rules({Errc::malformed, "the peer sent a block whose header is cut short"});
  });
}

void Connection::on_header() {
  if (phase_ != Phase::running) return;
  const auto header = decode_block_header(header_in_);
  if (!header) return break_rules(header.error());
  const auto source = source_;  // what it does may end this connection
  const auto wait = source->wait_for(*header);
  if (wait.count() > 0) {  // reading nothing: the peer's own buffers fill
    pause_.expires_after(wait);
    return pause_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (!error) self->on_header();
    });
  }
  const auto place = source->begin_block(*header, header->length);
  if (!place) return break_rules(place.error());
  if (place->empty() == channel_->is_message_done()) return read_payload(*place, 0);
  break_rules({Errc::malformed, "the peer sent a block of another length than it says"});
}

void Connection::read_payload(std::span<std::uint8_t> place, std::size_t have) {
  if (have == place.size()) {
    const auto source = source_;  // what it does may end this connection
    source->commit_block();
    write_next();  // what the block has set free, or its acknowledgement
    return read_header(0);
  }
  channel_->read_some(place.subspan(have), [self = shared_from_this(), place, have](
                                               ErrorCode error, std::size_t count) {
    if (self->phase_ != Phase::running) return;
    if (error) return self->fail(error);
    const std::size_t total = have + count;
    if ((total == place.size()) != self->channel_->is_message_done()) {
      return self->break_rules(
          {Errc::malformed, "the peer sent a block of another length than it says"});
    }
    self->read_payload(place, total);
  });
}

void Connection::write_next() {
  if (phase_ != Phase::running || is_writing_) return;
  writing_ = source_->next_block();
  if (!writing_) return;
  header_out_ = encode(writing_->header);
  is_writing_ = true;
  channel_->write(header_out_, writing_->payload(), [self = shared_from_this()](ErrorCode error) {
    self->is_writing_ = false;
    if (self->phase_ != Phase::running) return;
    if (error) return self->fail(error);
    self->writing_.reset();
    self->write_next();
  });
}

void Connection::close(CloseCode code, const std::string& reason, std::function<void()> done) {
  if (phase_ == Phase::closing || phase_ == Phase::over) {
    if (done) done();
    return;
  }
  phase_ = Phase::closing;
  greeting_ = {};
  source_.reset();
  pause_.cancel();
  on_closed_ = std::move(done);
  ticks_.expires_after(closing_patience);
  ticks_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error) self->drop();
  });
  channel_->close(code, reason, [self = shared_from_this()](ErrorCode) { self->drop(); });
}

void Connection::drop() {
  if (phase_ == Phase::over) return;
  phase_ = Phase::over;
  greeting_ = {};
  source_.reset();
  ticks_.cancel();
  pause_.cancel();
  channel_->drop();
  if (const auto done = std::exchange(on_closed_, {})) done();
}

void Connection::fail(ErrorCode error) {
  if (channel_->is_closed_by_peer(error)) {
    const auto source = source_;
    const auto greeting = greeting_;
    drop();
    const std::uint16_t code = channel_->close_code();
    const std::string reason = channel_->close_reason();
    if (source) return source->on_closed_by_peer(code, reason);
    if (greeting.on_failed) {
      greeting.on_failed({Errc::unavailable, "the peer refuses: " + reason}, code);
    }
    return;
  }
  fail(channel_->explain(error));
}

void Connection::fail(const Error& reason) {
  const auto source = source_;
  const auto greeting = greeting_;
  drop();
  if (source) return source->on_lost(reason);
  if (greeting.on_failed) greeting.on_failed(reason, 0);
}

void Connection::break_rules(const Error& reason) {
  const auto source = source_;
  const auto greeting = greeting_;
  close(source ? CloseCode::broken_rules : CloseCode::refused, reason.detail);
  if (source) return source->on_broken_rules(reason);
  if (greeting.on_failed) greeting.on_failed(reason, 0);
}

void Connection::arm(milliseconds wait) {
  ticks_.expires_after(std::max(wait, milliseconds{1}));
  ticks_.async_wait([self = shared_from_this()](ErrorCode error) {
    if (!error) self->on_tick();
  });
}

void Connection::on_tick() {
  if (phase_ != Phase::running) return;
  const auto now = Clock::now();
  const std::uint64_t in = channel_->bytes_in(), out = channel_->bytes_out();
  // What goes out is progress while a long block does: short ones would fill the system's buffers
  // for a long time though nobody is there.
  if (in != bytes_in_ || (out != bytes_out_ && is_writing_)) last_progress_ = now;
  bytes_in_ = in;
  bytes_out_ = out;
  if (now - last_progress_ > limits_.stall) {
    return fail(Error{Errc::deadline, "the connection made no progress for " +
                                          std::to_string(limits_.stall.count()) + " ms"});
  }
  if (now - last_ping_ > limits_.ping && !is_pinging_) {
    last_ping_ = now;
    is_pinging_ = true;
    channel_->ping([self = shared_from_this()](ErrorCode) { self->is_pinging_ = false; });
  }
  arm(std::min(limits_.ping, limits_.stall) / ticks);
}

}  // namespace hippocrypt::net
