#pragma once
// One fixed message of every type of federation/, and its frame.

#include "federation/common/chunks.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"

namespace hippocrypt::federation::test {

inline Join sample_join() {
  Join join{"st-anna", {}, {}};
  for (std::uint8_t i = 0; i < 32; ++i) {
    join.adapter_fingerprint[i] = i;
    join.identity[i] = static_cast<std::uint8_t>(0x80U + i);
  }
  return join;
}

inline Update sample_update() {
  Update update;
  update.hospital = "st-anna";
  update.round = 7;
  update.attempt = 2;
  update.status = UpdateStatus::sat_out;
  update.reason = "no budget left";
  update.values = {1.5F, -2.0F, 0.0F};
  return update;
}

inline Report sample_report() {
  Report report;
  report.hospital = "st-anna";
  report.loss_before = 2.5;
  report.loss_after = 2.25;
  report.epsilon = 3.5;
  report.steps = 32;
  report.bytes_up = 1000;
  report.failure = "none";
  return report;
}

inline Progress sample_progress() {
  Progress progress;
  progress.kind = ProgressKind::round;
  progress.source = "aggregator";
  progress.round = 2;
  progress.loss = 0.5;
  progress.text = "3 contributed";
  return progress;
}

inline RoundMessage sample_round_message() {
  return {"st-anna", 3, 2, RoundMessageKind::share_book, {1, 2, 3}};
}

inline RoundSummary sample_summary() {
  RoundSummary summary;
  summary.round = 7;
  summary.attempt = 2;
  summary.outcome = RoundOutcome::retried;
  summary.contributed = {"st-anna", "riverside"};
  summary.absent = {{"northgate", AbsenceCause::late, "step 3 of 4"}};
  summary.seconds = 1.5;
  summary.note = "one dropout recovered";
  return summary;
}

inline Welcome sample_welcome() {
  Welcome welcome;
  welcome.run = "trial-2";
  welcome.settings = {{"run.seed", "7"}, {"hospital.name", "st-anna"}};
  welcome.certificates = {{1, 2, 3}, {}, {4}};
  return welcome;
}

inline BudgetStatement sample_statement() {
  BudgetStatement statement;
  statement.hospital = "st-anna";
  statement.run = "trial-2";
  statement.round = 3;
  statement.epsilon = 1.5;
  statement.delta = 1e-5;
  statement.steps = 12;
  statement.unit = "patient";
  statement.signature[0] = 9;
  return statement;
}

inline std::vector<Bytes> sample_frames() {
  const Bytes piece{9, 8, 7};
  return {encode(sample_join()),
          encode(RoundStart{3, 2, {1, 2, 3}}),
          encode(sample_update()),
          encode(FinalAdapter{{4, 5}}),
          encode(sample_report()),
          encode(sample_progress()),
          encode(Heartbeat{"st-anna", 3, 2}),
          encode(sample_round_message()),
          encode(sample_summary()),
          encode(RunEnded{"no quorum"}),
          encode(Chunk{"st-anna", 5, 64, 100, piece}),
          encode(sample_welcome()),
          encode(sample_statement())};
}

}  // namespace hippocrypt::federation::test
