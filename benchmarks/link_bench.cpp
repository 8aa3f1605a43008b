// A link on loopback with TLS 1.3: messages of 4 MiB from either side, beside SSL_write and
// SSL_read of the same pieces on two threads, and the round trip of a short message on an idle
// line. Expected: the cipher is all of the raw loop; ours adds a WebSocket's mask on the way up,
// at both ends.

#include "benchmarks/alternate.hpp"
#include "benchmarks/link_rig.hpp"
#include "benchmarks/sections.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t message_bytes = std::size_t{4} << 20, messages = 32, round_trips = 200;

std::function<void()> stream(const net::LinkPointer& from, LinkCounter& to,
                             const SharedBytes& body) {
  return [from, &to, body] {
    for (std::uint64_t i = 0; i < messages; ++i) {
      HIPPOCRYPT_CHECK(from->send(net::Lane::data, {1, i, body}).has_value());
    }
    to.wait(messages);
  };
}

}  // namespace

Section link_section(const Options& options) {
  Section section{.name = "link",
                  .title = "a link on loopback, TLS 1.3; the ratio ours / OpenSSL alone",
                  .columns = {{"what", "what"},
                              {"block_kib", "block KiB"},
                              {"mb_per_s", "MB/s", 0},
                              {"ratio_to_openssl", "of OpenSSL", 2},
                              {"round_trip_ms", "round trip ms", 3},
                              {"runs", "runs"}}};
  const LinkParties parties;
  const Bytes piece(message_bytes, 7);
  const SharedBytes body{Bytes{piece}};
  RawPair raw{parties};
  LinkPair whole{parties, message_bytes}, quarters{parties, message_bytes / 4};
  const std::vector<Contestant> contestants{
      {"OpenSSL alone", [&] { raw.transfer(piece, messages); }},
      {"to the aggregator", stream(whole.down->link(), *whole.up, body)},
      {"to the hospital", stream(whole.up->link(), *whole.down, body)},
      {"to the aggregator", stream(quarters.down->link(), *quarters.up, body)},
      {"to the hospital", stream(quarters.up->link(), *quarters.down, body)},
      {"round trip", [&] {
         for (std::uint64_t i = 0; i < round_trips; ++i) {
           HIPPOCRYPT_CHECK(whole.down->link()->send(net::Lane::control, {1, i, {}}).has_value());
           whole.down->wait(1);
         }
       }}};
  const auto timings = alternate(contestants, {options.seconds, 0});
  for (std::size_t i = 0; i < 5; ++i) {
    section.rows.push_back(
        {{"what", contestants[i].name},
         {"block_kib", (i < 3 ? message_bytes : message_bytes / 4) >> 10},
         {"mb_per_s", static_cast<double>(message_bytes * messages) / timings[i].median_s * 1e-6},
         {"ratio_to_openssl", timings[0].median_s / timings[i].median_s},
         {"runs", timings[i].runs}});
  }
  section.rows.push_back({{"what", "short message there and back"},
                          {"round_trip_ms", timings[5].median_s * 1e3 / round_trips},
                          {"runs", timings[5].runs}});
  return section;
}

}  // namespace hippocrypt::bench
