// A link on loopback with TLS 1.3: messages of 4 MiB from either side, beside SSL_write and
// SSL_read of the same pieces on two threads, and the round trip of a short message on an idle
// line; then the same from actor to actor, through the product's gateways. Expected: the cipher is
// all of the raw loop; ours adds a WebSocket's mask on the way up, at both ends. Actors add
// messages between threads, a few a long message, and no copy.

#include "benchmarks/alternate.hpp"
#include "benchmarks/link_actors.hpp"
#include "benchmarks/link_rig.hpp"
#include "benchmarks/sections.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t message_bytes = std::size_t{4} << 20, messages = 32, round_trips = 200;

/// What is measured in turns with all others: bytes in long messages, or round trips.
struct Way {
  std::string name;
  std::size_t block_bytes = 0, bytes = 0;
  std::function<void()> run;
};

std::function<void()> stream(const net::LinkPointer& from, LinkCounter& to,
                             const SharedBytes& body) {
  return [from, &to, body] {
    for (std::uint64_t i = 0; i < messages; ++i) {
      HIPPOCRYPT_CHECK(from->send(net::Lane::data, {1, i, body}).has_value());
    }
    to.arrivals().wait(messages);
  };
}

/// Everything between two ends with blocks of one length.
struct Ends {
  Ends(const LinkParties& parties, std::size_t length)
      : block_bytes{length},
        link{parties, length},
        rounds{parties, message_bytes, length},
        products{parties, message_bytes, length} {}

  void add_streams(std::vector<Way>& ways, const SharedBytes& body) {
    constexpr std::size_t all = message_bytes * messages;
    const std::size_t of_rounds = rounds.message_bytes() * messages;
    ways.push_back(
        {"to the aggregator", block_bytes, all, stream(link.down->link(), *link.up, body)});
    ways.push_back(
        {"to the hospital", block_bytes, all, stream(link.up->link(), *link.down, body)});
    ways.push_back({"actors, to the aggregator", block_bytes, of_rounds,
                    [this] { rounds.to_aggregator(messages); }});
    ways.push_back({"actors, to the hospital", block_bytes, of_rounds,
                    [this] { rounds.to_hospital(messages); }});
    ways.push_back({"actors, requests and replies", block_bytes,
                    products.exchange_bytes() * messages / 2,
                    [this] { products.exchange(messages / 2); }});
  }
  void add_round_trips(std::vector<Way>& ways) {
    ways.push_back({"short message there and back", 0, 0, [this] {
                      const auto from = link.down->link();
                      HIPPOCRYPT_CHECK(from->send(net::Lane::control, {1, 1, {}}).has_value());
                      link.down->arrivals().wait(1);
                    }});
    ways.push_back({"actors, to the aggregator and back", 0, 0, [this] { rounds.round_trip(); }});
    ways.push_back({"actors, request and reply", 0, 0, [this] { products.round_trip(); }});
  }

  std::size_t block_bytes;
  LinkPair link;
  RoundActors rounds;
  ProductActors products;
};

std::vector<Contestant> contestants(const std::vector<Way>& ways) {
  std::vector<Contestant> all;
  for (const Way& way : ways) {
    const std::size_t times = way.bytes > 0 ? 1 : round_trips;
    all.push_back({way.name, [run = way.run, times] {
                     for (std::size_t i = 0; i < times; ++i) run();
                   }});
  }
  return all;
}

Json row_of(const Way& way, const Timing& timing, double raw_bytes_per_s) {
  Json row{{"what", way.name}, {"runs", timing.runs}};
  if (way.bytes == 0) {
    row["round_trip_ms"] = timing.median_s * 1e3 / round_trips;
    return row;
  }
  const double bytes_per_s = static_cast<double>(way.bytes) / timing.median_s;
  if (way.block_bytes > 0) row["block_kib"] = way.block_bytes >> 10;
  row["mb_per_s"] = bytes_per_s * 1e-6;
  row["ratio_to_openssl"] = bytes_per_s / raw_bytes_per_s;
  return row;
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
  RawPair raw{parties};
  Ends whole{parties, message_bytes}, quarters{parties, message_bytes / 4};
  std::vector<Way> ways{{"OpenSSL alone", message_bytes, message_bytes * messages,
                         [&] { raw.transfer(piece, messages); }}};
  const SharedBytes body{Bytes{piece}};
  whole.add_streams(ways, body);
  quarters.add_streams(ways, body);
  whole.add_round_trips(ways);
  const auto timings = alternate(contestants(ways), {options.seconds, thread_pause_s});
  const double raw_bytes_per_s = static_cast<double>(ways[0].bytes) / timings[0].median_s;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    section.rows.push_back(row_of(ways[i], timings[i], raw_bytes_per_s));
  }
  return section;
}

}  // namespace hippocrypt::bench
