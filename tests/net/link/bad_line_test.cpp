// 20 MB over a line of 30 Mbit/s, 40 ms and 0.01 % loss, cut in the middle. By hand as many as
// HIPPOCRYPT_LINE_MB says, and cut for as many seconds as HIPPOCRYPT_CUT_S says: 800 and 120 take
// six minutes.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/net/link/federation_rig.hpp"
#include "tests/net/link/packet_line.hpp"

namespace hippocrypt::net {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t piece_megabytes = 4, pieces_ahead = 5;

LinkLimits line_limits() {
  LinkLimits limits;  // as shipped, but for what the cut has to wait for
  limits.block_bytes = std::size_t{256} << 10;
  limits.ping = milliseconds{500};
  limits.stall = milliseconds{3000};
  return limits;
}

Bytes piece_of(std::uint64_t id) {
  Bytes bytes(piece_megabytes << 20);
  SeededSequence random{id, "piece"};
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    const auto word = little_endian(random.next_u64());
    std::copy(word.begin(), word.end(), bytes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return bytes;
}

std::size_t from_environment(const char* name, std::size_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::size_t pieces() {
  return std::max<std::size_t>(from_environment("HIPPOCRYPT_LINE_MB", 20) / piece_megabytes, 5);
}

TEST(BadLineTest, ATransferGoesOnFromTheLastBlockAfterACut) {
  Study study;
  PacketLine line{{}};
  const auto far = std::make_shared<test_support::LinkRecorder>();
  const auto near = std::make_shared<test_support::LinkRecorder>();
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Connector> connector;
  const auto listening = line.enter(0, [&] {
    ListenerOptions options;
    options.tls = study.files(Role::aggregator, "centre");
    options.limits = line_limits();
    listener = Listener::start(options, far).value();
  });
  if (!listening) GTEST_SKIP() << listening.error().detail << "; run it as root";
  const auto reaching = line.enter(1, [&] {
    ConnectorOptions options = reach(study.files(Role::hospital, "st-anna"), listener->port());
    options.host = PacketLine::addresses[0];
    options.server_name = "localhost";
    options.limits = line_limits();
    connector = Connector::start(options, near).value();
  });
  if (!reaching) GTEST_SKIP() << reaching.error().detail << "; run it as root";
  line.start();
  ASSERT_TRUE(near->wait_for_up() && far->wait_for_up());
  const auto link = near->ups[0];
  const auto start = std::chrono::steady_clock::now();
  const std::size_t count = pieces();
  const auto patience = std::chrono::minutes{2};
  for (std::uint64_t id = 0; id < count; ++id) {
    ASSERT_TRUE(link->send(Lane::data, {1, id, SharedBytes{piece_of(id)}}));
    const std::size_t there = id < pieces_ahead ? 0 : id - pieces_ahead;
    ASSERT_TRUE(far->wait([&] { return far->messages.size() >= there; }, patience));
    if (id != (count + 1) / 2 + 1) continue;
    ASSERT_TRUE(far->wait([&] { return far->messages.size() >= count / 2; }, patience));
    line.set_cut(true);  // some way into the piece in the middle
    ASSERT_TRUE(near->wait([&] { return !near->cuts.empty(); }));
    ASSERT_TRUE(far->wait([&] { return !far->cuts.empty(); }));
    std::this_thread::sleep_for(std::chrono::seconds{from_environment("HIPPOCRYPT_CUT_S", 0)});
    line.set_cut(false);
  }
  ASSERT_TRUE(far->wait([&] { return far->messages.size() == count; }, patience));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  for (std::uint64_t id = 0; id < count; ++id) {
    EXPECT_EQ(far->messages[id].message.id, id);
    EXPECT_TRUE(same_bytes(*far->messages[id].message.body, piece_of(id))) << id;
  }
  const LinkCounters counters = link->counters();
  EXPECT_GE(counters.connections, 2U);
  EXPECT_EQ(near->ups.size(), 1U);
  EXPECT_LE(counters.blocks_resent, line_limits().window_blocks);
  const double megabytes = static_cast<double>(count * (piece_megabytes << 20)) * 1e-6;
  EXPECT_GE(took.count(), megabytes * 8 / 30);  // the line is as slow as it says
  RecordProperty("seconds", std::to_string(took.count()));
  RecordProperty("packets_lost", std::to_string(line.lost()));
  std::printf("%.0f MB in %.1f s, %llu packets lost, %llu of %llu blocks sent again\n", megabytes,
              took.count(), static_cast<unsigned long long>(line.lost()),
              static_cast<unsigned long long>(counters.blocks_resent),
              static_cast<unsigned long long>(counters.blocks_sent));
}

}  // namespace
}  // namespace hippocrypt::net
