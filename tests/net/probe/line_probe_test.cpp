#include "net/probe/line_probe.hpp"

#include <gtest/gtest.h>

#include "net/probe/answer.hpp"
#include "net/probe/probe_messages.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/link_recorder.hpp"

namespace hippocrypt::net {
namespace {

using namespace std::chrono_literals;
using test_support::FakeLinks;
using test_support::LinkRecorder;

/// Answers probes; greets, as applications do. What is no probe is recorded.
class Peer final : public LinkEvents {
 public:
  explicit Peer(std::function<bool(const LinkPointer&, const Inbound&)> answer = &answer_probe)
      : answer_{std::move(answer)} {}
  void on_up(const LinkPointer& link) override {
    EXPECT_TRUE(link->send(Lane::data, {1, 0, SharedBytes{Bytes{1, 2, 3}}}).has_value());
  }
  void on_message(const LinkPointer& link, Inbound inbound) override {
    if (!answer_(link, inbound)) others.on_message(link, std::move(inbound));
  }
  void on_down(const LinkPointer& link, const Error& reason) override {
    others.on_down(link, reason);
  }
  LinkRecorder others;

 private:
  std::function<bool(const LinkPointer&, const Inbound&)> answer_;
};

class LineProbeTest : public testing::Test {
 protected:
  /// Short where the time is spent, long where it is only waited.
  static LineProbeOptions brief() { return {20s, 20s, 50ms, {}}; }
  Result<LineReport> measure(const std::shared_ptr<Peer>& peer) {
    FakeLinks links{{test_support::peer_info(Role::server, "gpu"), probe_},
                    {test_support::peer_info(Role::hospital, "st-anna"), peer}};
    return probe_->measure();
  }
  static void expect_error(const Result<LineReport>& report, Errc code,
                           const std::string& sentence) {
    ASSERT_FALSE(report.has_value()) << sentence;
    EXPECT_EQ(report.error().code, code);
    EXPECT_NE(report.error().detail.find(sentence), std::string::npos) << report.error().detail;
  }

  std::shared_ptr<LineProbe> probe_ = std::make_shared<LineProbe>(brief());
};

TEST_F(LineProbeTest, MeasuresAndSaysGoodbye) {
  const auto peer = std::make_shared<Peer>();
  FakeLinks links{{test_support::peer_info(Role::server, "gpu"), probe_},
                  {test_support::peer_info(Role::hospital, "st-anna"), peer}};
  const auto report = probe_->measure();
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_EQ(report->peer.certificate.identity.name, "gpu");
  EXPECT_GT(report->round_trip, 0us);
  EXPECT_LT(report->round_trip, 20s);
  EXPECT_LE(std::chrono::abs(report->clock_difference), report->round_trip);
  EXPECT_GT(report->up_bytes_per_s, 1e6);
  EXPECT_GT(report->down_bytes_per_s, 1e6);
  EXPECT_TRUE(peer->others.wait_for_down());
  EXPECT_NE(peer->others.downs[0].detail.find("measured"), std::string::npos);
  EXPECT_TRUE(peer->others.messages.empty());
}

TEST_F(LineProbeTest, SeesHowFarTheClocksAreApart) {
  const auto report =
      measure(std::make_shared<Peer>([](const LinkPointer& link, const Inbound& inbound) {
        const auto probe = decode_probe(*inbound.message.body);
        if (probe->reply_bytes != 0) return answer_probe(link, inbound);
        const auto late = std::chrono::system_clock::now() - 90s;
        return link->send(Lane::control, {probe_reply_type, inbound.message.id, encode_clock(late)})
            .has_value();
      }));
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_LT(std::chrono::abs(report->clock_difference + 90s), 1s);
}

TEST_F(LineProbeTest, AsksTheApplicationToo) {
  auto options = brief();
  options.question = LineQuestion{4, 5, SharedBytes{Bytes{1, 2}}};
  probe_ = std::make_shared<LineProbe>(options);
  const auto report =
      measure(std::make_shared<Peer>([](const LinkPointer& link, const Inbound& inbound) {
        if (inbound.message.type != 4) return answer_probe(link, inbound);
        const ByteView body = *inbound.message.body;
        Bytes reversed(body.rbegin(), body.rend());
        return link->send(Lane::data, {5, inbound.message.id, SharedBytes{std::move(reversed)}})
            .has_value();
      }));
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_EQ(to_hex(*report->answer), "0201");
}

TEST_F(LineProbeTest, MeasuresASlowLine) {
  // Every message of data takes as long as its bytes at 10 MB/s.
  const auto report =
      measure(std::make_shared<Peer>([](const LinkPointer& link, const Inbound& inbound) {
        const auto probe = decode_probe(*inbound.message.body);
        const auto bytes = std::max<std::size_t>(inbound.message.body->size(), probe->reply_bytes);
        const auto until = std::chrono::steady_clock::now() + bytes * 100ns;
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
        return answer_probe(link, inbound);
      }));
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_LT(report->up_bytes_per_s, 10.5e6);
  EXPECT_LT(report->down_bytes_per_s, 10.5e6);
  EXPECT_GT(report->down_bytes_per_s, 1e6);
}

TEST_F(LineProbeTest, SaysWhyThereIsNoSession) {
  probe_ = std::make_shared<LineProbe>(LineProbeOptions{20ms, 20s, 50ms, {}});
  expect_error(probe_->measure(), Errc::unavailable, "no answer for 20 ms");
  const auto refused = std::make_shared<LineProbe>(brief());
  refused->on_refused("192.0.2.1:7000", {Errc::stale, "the certificate has expired"});
  expect_error(refused->measure(), Errc::stale, "the certificate has expired");
}

TEST_F(LineProbeTest, SaysThatNobodyAnswers) {
  probe_ = std::make_shared<LineProbe>(LineProbeOptions{20s, 50ms, 50ms, {}});
  expect_error(
      measure(std::make_shared<Peer>([](const LinkPointer&, const Inbound&) { return true; })),
      Errc::deadline, "did not answer");
}

TEST_F(LineProbeTest, SaysWhyTheSessionEnded) {
  expect_error(measure(std::make_shared<Peer>([](const LinkPointer& link, const Inbound&) {
                 link->close("shutting down");
                 return true;
               })),
               Errc::unavailable, "shutting down");
  probe_ = std::make_shared<LineProbe>(brief());
  probe_->on_cut(nullptr, {Errc::unavailable, "reset"});
  expect_error(probe_->measure(), Errc::unavailable, "the connection broke: reset");
}

TEST_F(LineProbeTest, RefusesOddAnswers) {
  const auto answering = [](Bytes body) {
    return std::make_shared<Peer>([body](const LinkPointer& link, const Inbound& inbound) {
      return link
          ->send(Lane::control, {probe_reply_type, inbound.message.id, SharedBytes{Bytes{body}}})
          .has_value();
    });
  };
  expect_error(measure(answering({2, 0, 0, 0, 0, 0, 0, 0, 0})), Errc::unsupported, "version 2");
  probe_ = std::make_shared<LineProbe>(brief());
  expect_error(measure(answering({})), Errc::malformed, "wrong length");
  probe_ = std::make_shared<LineProbe>(brief());
  expect_error(measure(answering({1, 0, 0, 0, 0, 0, 0, 0, 0})), Errc::malformed, "tell its clock");
}

TEST(AnswerProbeTest, EndsTheSessionOfAPeerThatBreaksTheRules) {
  const auto peer = std::make_shared<Peer>();
  const auto prober = std::make_shared<LinkRecorder>();
  FakeLinks links{{test_support::peer_info(Role::server, "gpu"), prober},
                  {test_support::peer_info(Role::hospital, "st-anna"), peer}};
  ASSERT_TRUE(links.left()->send(Lane::data, {9, 5, SharedBytes{Bytes{7}}}).has_value());
  ASSERT_TRUE(peer->others.wait_for_messages(1)) << "what is no probe is left alone";
  ASSERT_TRUE(links.left()->send(Lane::data, {probe_type, 5, {}}).has_value());
  ASSERT_TRUE(prober->wait_for_down());
  EXPECT_NE(prober->downs[0].detail.find("wrong length"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::net
