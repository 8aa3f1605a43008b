#pragma once
// What a run's hospital can audit with its notes: what the adapter gives away about who was trained
// on, and what a blind server sees of training steps.

#include <atomic>
#include <filesystem>
#include <functional>
#include <vector>

#include "federation/common/federation_config.hpp"
#include "privacy/audit/membership.hpp"
#include "privacy/audit/server_view.hpp"

namespace hippocrypt::cli {

struct SiteAuditOptions {
  federation::FederationConfig config;
  std::size_t hospital = 0;       ///< which of config.hospitals
  std::filesystem::path scratch;  ///< for ledgers that charge for nobody
  const std::atomic<bool>* stop = nullptr;
};

/// Loss of the base model less loss with the adapter, a patient (or note) each.
struct MembershipScores {
  std::vector<double> trained_on, held_out;
};

/// At most `most` of each; 0: all. `adapter`: PEFT's layout. Errors: those of opening the model,
/// the notes and the adapter; mismatch (an adapter of another shape); out_of_range (fewer than 2 of
/// a kind); cancelled.
Result<MembershipScores> membership_scores(const SiteAuditOptions& options,
                                           const std::filesystem::path& adapter, std::size_t most,
                                           const std::function<void()>& on_unit);

/// How lots are sent.
enum class SentTiles : std::uint8_t {
  constant,        ///< as training does
  follow_the_lot,  ///< the bug that the audit must see
};

/// Trains for `steps` steps through the configured encrypted oracle, with the server in this
/// process and lots drawn by the operating system's randomness, and notes messages, bytes and the
/// time from a step's first message to the next step's. Errors: those of the model, notes, oracle
/// and trainer; unsupported (a plain oracle sends nothing).
Result<std::vector<privacy::audit::ObservedStep>> observe_steps(
    const SiteAuditOptions& options, std::size_t steps, SentTiles tiles,
    const std::function<void()>& on_step);

}  // namespace hippocrypt::cli
