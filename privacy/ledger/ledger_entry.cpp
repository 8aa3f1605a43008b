#include "privacy/ledger/ledger_entry.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace hippocrypt::privacy {
namespace {

Error unknown_name(const char* what, std::string_view name) {
  return {Errc::unsupported,
          fmt::format("the ledger names the {} '{}', which this version does not know; use the "
                      "version that wrote it",
                      what, name.substr(0, 64))};
}

template <class Value>
Error not_allowed(const char* field, const Value& value, const char* allowed) {
  return {Errc::out_of_range,
          fmt::format("the ledger entry's {} is {}; allowed is {}", field, value, allowed)};
}

Status check_text(const char* field, const std::string& text) {
  if (text.empty() || text.size() > max_ledger_text_bytes) {
    return not_allowed(field, fmt::format("{} bytes long", text.size()), "1 to 256 bytes");
  }
  return {};
}

void add_double(Sha256& hash, double value) { hash.add_u64(std::bit_cast<std::uint64_t>(value)); }

/// The value of `all` with that name.
template <class Name, std::size_t count>
Result<Name> named(const char* what, std::string_view name, const std::array<Name, count>& all) {
  for (const Name value : all) {
    if (to_string(value) == name) return value;
  }
  return unknown_name(what, name);
}

/// False for NaN and for -0, which SQLite would not give back bit by bit.
bool is_stored_exactly(double value) { return !std::isnan(value) && !std::signbit(value); }

/// Whether the mechanism, the unit and the relation belong together.
Status check_claim(const LedgerEntry& entry) {
  const bool is_local = entry.mechanism == Mechanism::matrix_gaussian;
  if ((entry.unit == PrivacyUnit::sequence) != is_local) {
    return not_allowed(
        "unit", to_string(entry.unit),
        is_local ? "sequence for this mechanism" : "patient or note for this mechanism");
  }
  if ((entry.relation == NeighbouringRelation::any_pair) != is_local) {
    return not_allowed("relation", to_string(entry.relation),
                       is_local ? "any_pair for this mechanism" : "add_remove for this mechanism");
  }
  if (is_local && entry.sampling_rate != 1.0) {
    return not_allowed("sampling rate", entry.sampling_rate, "1 for this mechanism");
  }
  return {};
}

}  // namespace

std::string_view to_string(PrivacyUnit unit) {
  switch (unit) {
    case PrivacyUnit::patient:
      return "patient";
    case PrivacyUnit::note:
      return "note";
    case PrivacyUnit::sequence:
      return "sequence";
  }
  return "";
}

std::string_view to_string(NeighbouringRelation relation) {
  switch (relation) {
    case NeighbouringRelation::add_remove:
      return "add_remove";
    case NeighbouringRelation::any_pair:
      return "any_pair";
  }
  return "";
}

std::string_view to_string(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::poisson_sampled_gaussian:
      return "poisson_sampled_gaussian";
    case Mechanism::matrix_gaussian:
      return "matrix_gaussian";
  }
  return "";
}

std::string_view to_string(Clipping clipping) {
  switch (clipping) {
    case Clipping::flat:
      return "flat";
    case Clipping::per_layer:
      return "per_layer";
    case Clipping::adaptive:
      return "adaptive";
  }
  return "";
}

std::string_view to_string(NoiseKind noise) {
  switch (noise) {
    case NoiseKind::gaussian_doubles:
      return "gaussian_doubles";
    case NoiseKind::discrete_gaussian:
      return "discrete_gaussian";
  }
  return "";
}

Result<PrivacyUnit> privacy_unit_from(std::string_view name) {
  return named("unit", name,
               std::array{PrivacyUnit::patient, PrivacyUnit::note, PrivacyUnit::sequence});
}

Result<NeighbouringRelation> neighbouring_relation_from(std::string_view name) {
  return named("neighbouring relation", name,
               std::array{NeighbouringRelation::add_remove, NeighbouringRelation::any_pair});
}

Result<Mechanism> mechanism_from(std::string_view name) {
  return named("mechanism", name,
               std::array{Mechanism::poisson_sampled_gaussian, Mechanism::matrix_gaussian});
}

Result<Clipping> clipping_from(std::string_view name) {
  return named("clipping", name,
               std::array{Clipping::flat, Clipping::per_layer, Clipping::adaptive});
}

Result<NoiseKind> noise_kind_from(std::string_view name) {
  return named("noise", name,
               std::array{NoiseKind::gaussian_doubles, NoiseKind::discrete_gaussian});
}

Status LedgerEntry::check() const {
  HIPPOCRYPT_TRY_VOID(check_text("run", run));
  HIPPOCRYPT_TRY_VOID(check_text("hospital", hospital));
  HIPPOCRYPT_TRY_VOID(check_text("sampler", sampler));
  HIPPOCRYPT_TRY_VOID(check_text("noise source", noise_source));
  HIPPOCRYPT_TRY_VOID(check_text("software version", software_version));
  if (round > max_ledger_steps) return not_allowed("round", round, "at most 2^32");
  if (steps == 0 || steps > max_ledger_steps) return not_allowed("steps", steps, "1 to 2^32");
  if (!(sampling_rate > 0.0 && sampling_rate <= 1.0)) {
    return not_allowed("sampling rate", sampling_rate, "a value in (0, 1]");
  }
  if (!(noise_multiplier <= max_noise_multiplier) || !is_stored_exactly(noise_multiplier)) {
    return not_allowed("noise multiplier", noise_multiplier, "a value from 0 to 1e9");
  }
  if (!(clip > 0.0 && clip <= max_clip)) {
    return not_allowed("clip", clip, "a value above 0 and at most 1e30");
  }
  if (!(delta > 0.0 && delta < 1.0)) return not_allowed("delta", delta, "a value inside (0, 1)");
  if (!is_stored_exactly(overflow_probability) || overflow_probability > 1.0) {
    return not_allowed("overflow probability", overflow_probability, "a value in [0, 1]");
  }
  return check_claim(*this);
}

Hash256 row_hash(const LedgerRow& row) {
  const LedgerEntry& entry = row.entry;
  Sha256 hash;
  hash.add_field(fmt::format("hippocrypt privacy ledger row, version {}", row.version));
  hash.add_u64(row.id);
  hash.add_field(entry.run).add_field(entry.hospital).add_u64(entry.round);
  hash.add_field(ByteView{entry.dataset});
  hash.add_field(to_string(entry.unit)).add_field(to_string(entry.relation));
  hash.add_field(to_string(entry.mechanism)).add_field(entry.sampler);
  add_double(hash, entry.sampling_rate);
  add_double(hash, entry.noise_multiplier);
  add_double(hash, entry.clip);
  hash.add_u64(entry.steps);
  add_double(hash, entry.delta);
  add_double(hash, entry.overflow_probability);
  hash.add_field(entry.noise_source);
  hash.add_u64(static_cast<std::uint64_t>(entry.unix_time_s));
  hash.add_field(entry.software_version);
  if (row.version >= 2) {
    hash.add_field(to_string(entry.clipping)).add_field(to_string(entry.noise));
  }
  hash.add_field(ByteView{row.previous});
  return hash.finish();
}

}  // namespace hippocrypt::privacy
