#pragma once
// What parties of a real federation say to each other besides what a simulation's do: versioned
// Cereal envelopes with raw bodies, as in messages.hpp.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation {

/// Most settings, and most certificates, that a welcome may carry.
inline constexpr std::size_t max_welcome_entries = 100'000;
/// Longest certificate, bytes of DER.
inline constexpr std::size_t max_certificate_bytes = 16'384;

/// aggregator → hospital, first of all: the run that it may join. A hospital whose own settings
/// differ refuses, and believes a certificate only by its own authority.
struct Welcome {
  std::string run;
  std::vector<Setting> settings;    ///< federation_settings() of the aggregator's configuration
  std::vector<Bytes> certificates;  ///< DER, one a hospital, in the order of the configuration
};

/// hospital → aggregator: what it chooses to report of its privacy budget, with all that is on
/// record for its patients.
struct BudgetStatement {
  std::string hospital;
  std::string run;
  std::uint32_t round = 0;  ///< after which it holds
  double epsilon = 0;       ///< infinite where there was no noise
  double delta = 0;
  std::uint64_t steps = 0;  ///< of this run
  std::string unit;         ///< what epsilon is of, "patient"
  /// By the key of the hospital's certificate (urn:hippocrypt:signing-key) of statement_bytes().
  std::array<std::uint8_t, 64> signature{};
};

/// What is signed: every field but the signature, one way to write each.
Bytes statement_bytes(const BudgetStatement& statement);

Bytes encode(const Welcome& message);
Bytes encode(const BudgetStatement& message);

/// Decoders. Errors: malformed (not this message, truncated, a text or certificate too long, a
/// figure below zero or that is no number), unsupported (another version), limit_exceeded.
Result<Welcome> decode_welcome(ByteView frame);
Result<BudgetStatement> decode_budget_statement(ByteView frame);

}  // namespace hippocrypt::federation
