// Few tokens at a time, as in generation: all blocks and the head, beside the time that reading the
// hints of the forward products once takes.

#include <atomic>
#include <numeric>

#include "base/parallel.hpp"
#include "benchmarks/alternate.hpp"
#include "benchmarks/sections.hpp"
#include "benchmarks/shaped_model.hpp"
#include "benchmarks/training_rig.hpp"

namespace hippocrypt::bench {
namespace {

/// Of all forward products.
std::vector<std::span<const std::uint32_t>> forward_hints(const TrainingRig& rig) {
  std::vector<std::span<const std::uint32_t>> all;
  for (std::uint32_t b = 0; b < rig.config()->blocks; ++b) {
    for (std::size_t g = 0; g < model::linear_group_count; ++g) {
      all.push_back(rig.setup().at({b, static_cast<model::LinearGroup>(g)}).forward.hints.words());
    }
  }
  return all;
}

/// Reads every hint once.
std::uint32_t sum(const std::vector<std::span<const std::uint32_t>>& parts, std::size_t threads) {
  std::atomic<std::uint32_t> total{0};
  for (const auto part : parts) {
    run_ranges(part.size(), std::size_t{1} << 18, threads,
               [&](std::size_t begin, std::size_t count) {
                 const auto piece = part.subspan(begin, count);
                 total += std::accumulate(piece.begin(), piece.end(), std::uint32_t{0});
               });
  }
  return total;
}

}  // namespace

Section small_batch_section(const Options& options) {
  Section section{.name = "small_batch",
                  .title = "few tokens: all blocks and the head of SmolLM2-135M's shape, " +
                           std::to_string(options.threads) + " threads for all actors together",
                  .columns = {{"tokens", "tokens"},
                              {"ms_per_call", "ms/call", 1},
                              {"s_per_token", "s/token", 4},
                              {"times_reading_hints", "x reading hints", 2},
                              {"encrypt_ms", "encrypt", 1},
                              {"product_ms", "product", 1},
                              {"decrypt_ms", "decrypt", 1},
                              {"head_ms", "head", 1},
                              {"hint_byte_share", "hints of bytes", 2},
                              {"runs", "runs"}}};
  auto rig = TrainingRig::create(small_shape(), options);
  if (!rig) {
    section.notes.push_back(to_string(rig.error()));
    return section;
  }
  const auto threads = static_cast<std::size_t>(options.threads);
  const auto hints = forward_hints(**rig);
  std::size_t hint_bytes = 0;
  for (const auto part : hints) hint_bytes += part.size_bytes();
  std::uint32_t checksum = 0;
  PhaseTimer timer{seconds_now};
  const model::Transformer transformer{
      (*rig)->config(), (*rig)->client(), (*rig)->oracle(), {threads, &timer}};
  const double other_bytes = static_cast<double>((*rig)->server_weight_bytes()) / 2 +
                             static_cast<double>((*rig)->client().output_head().size()) * 4;
  for (const std::size_t tokens : {1U, 16U, 256U}) {
    const model::Batch batch = (*rig)->batch(1, tokens);
    const auto call = [&] {
      transformer.logits(batch, nullptr, model::LogitPositions::all).value();
    };
    const auto timings = alternate(
        {{"call", call}, {"read", [&] { checksum += sum(hints, threads); }}}, {options.seconds, 0});
    const auto phases_before = (*rig)->phase_seconds();
    const double head_before = timer.seconds().at("head");
    call();
    const auto phases = (*rig)->phase_seconds();
    const auto phase_ms = [&](const char* name) {
      return (phases.at(name) - phases_before.at(name)) * 1e3;
    };
    section.rows.push_back(
        {{"tokens", tokens},
         {"ms_per_call", timings[0].median_s * 1e3},
         {"s_per_token", timings[0].median_s / static_cast<double>(tokens)},
         {"read_hints_ms", timings[1].median_s * 1e3},
         {"times_reading_hints", timings[0].median_s / timings[1].median_s},
         {"encrypt_ms", phase_ms("encrypt")},
         {"product_ms", phase_ms("product")},
         {"decrypt_ms", phase_ms("decrypt")},
         {"head_ms", (timer.seconds().at("head") - head_before) * 1e3},
         {"hint_byte_share",
          static_cast<double>(hint_bytes) / (static_cast<double>(hint_bytes) + other_bytes)},
         {"runs", timings[0].runs}});
  }
  section.notes.push_back("forward hints: " + std::to_string(hint_bytes >> 20) + " MiB; checksum " +
                          std::to_string(checksum));
  return section;
}

}  // namespace hippocrypt::bench
