#include "privacy/dp_forward/embedding_release.hpp"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/dp_forward/forward_account.hpp"

namespace hippocrypt::privacy {
namespace {

/// The ledger's word for noise of a seed, with the release that it belongs to.
std::string noise_source_of(const Hash256& id) { return "keyed_stream:" + to_hex(id); }

void add_params(Sha256& hash, const MatrixGaussianParams& params) {
  hash.add_u64(std::bit_cast<std::uint64_t>(params.clip));
  hash.add_u64(std::bit_cast<std::uint64_t>(params.noise_multiplier));
  hash.add_u64(params.features);
  hash.add_u64(params.tokens);
}

Hash256 release_id(const MatrixGaussianParams& params, const ReleaseSource& source,
                   const NoiseSeed& seed) {
  Sha256 hash;
  hash.add_field("hippocrypt dp-forward release 1");
  add_params(hash, params);
  hash.add(source.dataset).add(source.embedding).add(seed.tag());
  hash.add_u64(source.sequences.size());
  for (const Hash256& sequence : source.sequences) hash.add(sequence);
  return hash.finish();
}

/// The row that paid for the release `id`, if any.
const LedgerRow* paid_row(std::span<const LedgerRow> rows, const Hash256& dataset,
                          const Hash256& id) {
  const std::string source = noise_source_of(id);
  for (const LedgerRow& row : rows) {
    if (!is_forward(row.entry) || row.entry.dataset != dataset) continue;
    if (row.entry.noise_source == source) return &row;
  }
  return nullptr;
}

LedgerEntry entry_of(const MatrixGaussianParams& params, const ReleaseSource& source,
                     const Hash256& id, const ReleaseTerms& terms) {
  LedgerEntry entry;
  entry.run = terms.run;
  entry.hospital = terms.hospital;
  entry.dataset = source.dataset;
  entry.unit = PrivacyUnit::sequence;
  entry.relation = NeighbouringRelation::any_pair;
  entry.mechanism = Mechanism::matrix_gaussian;
  entry.sampler = "none";
  entry.sampling_rate = 1;
  entry.noise_multiplier = params.noise_multiplier;
  entry.clip = params.clip;
  entry.steps = 1;
  entry.delta = terms.delta;
  entry.noise_source = noise_source_of(id);
  entry.noise = NoiseKind::discrete_gaussian;
  entry.unix_time_s = terms.unix_clock();
  entry.software_version = terms.software_version;
  return entry;
}

/// Errors: budget_exhausted.
Status check_budget(std::span<const LedgerRow> rows, const LedgerEntry& planned, double budget) {
  ForwardAccount account = forward_account(rows, planned.dataset);
  const double spent = account.epsilon(planned.delta);
  account.add(planned.noise_multiplier, planned.steps);
  const double after = account.epsilon(planned.delta);
  if (after <= budget) return {};
  return Error{Errc::budget_exhausted,
               fmt::format("releasing these embeddings would bring each sequence's epsilon to "
                           "{:.6g} at delta {:g}; {:.6g} is spent by earlier releases of this data "
                           "set and the budget is {:.6g}: take more noise or a larger budget, keep "
                           "the seed of the earlier release, or stop here",
                           after, planned.delta, spent, budget)};
}

/// Errors: out_of_range, mismatch.
Status check_source(const ReleaseSource& sorted, const ReleaseTerms& terms) {
  if (!(terms.delta > 0 && terms.delta < 1)) {
    return Error{Errc::out_of_range, fmt::format("DP-Forward's delta is {:g}; allowed is a value "
                                                 "inside (0, 1)",
                                                 terms.delta)};
  }
  if (!(terms.budget > 0)) {
    return Error{Errc::out_of_range, fmt::format("DP-Forward's budget is {:g}; allowed is a value "
                                                 "above 0, or infinity",
                                                 terms.budget)};
  }
  if (sorted.sequences.empty()) {
    return Error{Errc::out_of_range, "there is no sequence whose embeddings could be released"};
  }
  const auto& ids = sorted.sequences;
  if (std::adjacent_find(ids.begin(), ids.end()) == ids.end()) return {};
  return Error{Errc::mismatch,
               "two sequences have one identity, and would get the same noise; give every note of "
               "a patient a note_id of its own"};
}

}  // namespace

Result<EmbeddingRelease> EmbeddingRelease::pay(const MatrixGaussianParams& params,
                                               ReleaseSource source, NoiseSeed seed,
                                               const ReleaseTerms& terms, Ledger& ledger) {
  HIPPOCRYPT_CHECK(terms.unix_clock != nullptr);
  HIPPOCRYPT_TRY_VOID(params.check());
  std::sort(source.sequences.begin(), source.sequences.end());
  HIPPOCRYPT_TRY_VOID(check_source(source, terms));
  EmbeddingRelease release{params, std::move(seed)};
  release.id_ = release_id(params, source, release.seed_);
  HIPPOCRYPT_TRY_VOID(ledger.refresh());
  if (const LedgerRow* paid = paid_row(ledger.rows(), source.dataset, release.id_)) {
    release.ledger_row_ = paid->id;
  } else {
    const LedgerEntry planned = entry_of(params, source, release.id_, terms);
    const auto admit = [&](std::span<const LedgerRow> rows) {
      return check_budget(rows, planned, terms.budget);
    };
    HIPPOCRYPT_TRY(const LedgerRow row, ledger.charge_if(planned, admit));
    release.ledger_row_ = row.id;
    release.charged_now_ = true;
  }
  release.epsilon_ = forward_account(ledger.rows(), source.dataset).epsilon(terms.delta);
  release.sequences_ = std::move(source.sequences);
  return release;
}

Matrix EmbeddingRelease::matrix(const Hash256& sequence, ConstMatrixView clean) const {
  HIPPOCRYPT_CHECK(std::binary_search(sequences_.begin(), sequences_.end(), sequence),
                   "this sequence's release was not paid for");
  // The matrix itself is part of the stream's name: whatever changes, nothing is ever noised with
  // the noise of something else, whose difference would show both.
  Sha256 name;
  name.add(id_).add(sequence).add_u64(clean.cols());
  for (std::size_t r = 0; r < clean.rows(); ++r) {
    const auto row = clean.row(r);
    name.add({reinterpret_cast<const std::uint8_t*>(row.data()), row.size_bytes()});
  }
  KeyedStream words = seed_.stream(name.finish());
  Matrix out{params_.features, params_.tokens};
  add_matrix_noise(params_, clean, words, out.view());
  return out;
}

}  // namespace hippocrypt::privacy
