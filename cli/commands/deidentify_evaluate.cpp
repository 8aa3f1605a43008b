// hippocrypt deidentify --evaluate: recall and precision on notes whose identifiers are known.

#include <fmt/format.h>

#include <chrono>
#include <iostream>

#include "cli/commands/deidentify.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "cli/support/text_table.hpp"
#include "privacy/deidentify/corpus/evaluate.hpp"
#include "privacy/deidentify/i2b2.hpp"

namespace hippocrypt::cli {
namespace {

using privacy::CategoryScore;
using privacy::EvaluationReport;
using privacy::Share;

std::string share_text(const Share& share) {
  if (share.of == 0) return "-";
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", share.value(), share.low(), share.high());
}

nlohmann::ordered_json share_json(const Share& share) {
  nlohmann::ordered_json json{{"count", share.count}, {"of", share.of}};
  if (share.of > 0) {
    json["value"] = share.value();
    json["low"] = share.low();
    json["high"] = share.high();
  }
  return json;
}

nlohmann::ordered_json score_json(const CategoryScore& score) {
  return {{"recall", share_json(score.recall)},
          {"typed_recall", share_json(score.typed)},
          {"precision", share_json(score.precision)}};
}

struct Measured {
  EvaluationReport report;
  double seconds = 0;
  double megabytes_per_second() const {
    return static_cast<double>(report.work.bytes) / 1e6 / seconds;
  }
};

void print_report(const EvaluateFlags& flags, const Measured& measured) {
  const EvaluationReport& report = measured.report;
  if (flags.json) {
    nlohmann::ordered_json categories;
    for (const auto& row : privacy::category_table()) {
      categories[std::string{row.name}] =
          score_json(report.categories[static_cast<std::size_t>(row.category)]);
    }
    print_json(std::cout, {{"corpus", flags.i2b2.empty() ? flags.part : flags.i2b2},
                           {"seed", flags.seed},
                           {"notes", report.notes},
                           {"categories", categories},
                           {"all", score_json(report.all)},
                           {"f2", report.f2()},
                           {"clean_notes", share_json(report.clean_notes)},
                           {"masked_characters", share_json(report.characters)},
                           {"megabytes_per_second", measured.megabytes_per_second()},
                           {"limits", deidentify_limits}});
    return;
  }
  TextTable table{{{"", Align::left},
                   {"category", Align::left},
                   {"identifiers", Align::right},
                   {"recall [95 %]", Align::right},
                   {"right category", Align::right},
                   {"found", Align::right},
                   {"precision [95 %]", Align::right}}};
  const auto add = [&table](std::string letter, std::string name, const CategoryScore& score) {
    table.add_row({std::move(letter), std::move(name), std::to_string(score.recall.of),
                   share_text(score.recall),
                   score.typed.of == 0 ? "-" : fmt::format("{:.4f}", score.typed.value()),
                   std::to_string(score.precision.of), share_text(score.precision)});
  };
  for (const auto& row : privacy::category_table()) {
    add(std::string(1, row.letter), std::string{row.name},
        report.categories[static_cast<std::size_t>(row.category)]);
  }
  add("", "all", report.all);
  std::cout << table.str()
            << fmt::format(
                   "\n{} notes, {:.2f} MB; F2 {:.4f}; notes without any leak {}; masked characters "
                   "that had to "
                   "be {}\n{:.1f} MB/s on one core\n\n{}\n",
                   report.notes, static_cast<double>(report.work.bytes) / 1e6, report.f2(),
                   share_text(report.clean_notes), share_text(report.characters),
                   measured.megabytes_per_second(), deidentify_limits);
}

Result<std::vector<privacy::GoldNote>> corpus_of(const EvaluateFlags& flags) {
  if (!flags.i2b2.empty()) return privacy::read_i2b2(flags.i2b2);
  const auto part =
      flags.part == "development" ? privacy::PhiPart::development : privacy::PhiPart::heldout;
  return privacy::generate_phi(privacy::shipped_templates(part), {flags.seed, flags.notes});
}

void print_misses(const std::vector<privacy::Miss>& misses) {
  for (const auto& miss : misses) {
    std::string around = miss.around;
    for (char& c : around) c = c == '\n' ? '/' : c;
    std::cerr << fmt::format("{} {} [{}] {} :: {}\n", miss.is_leak ? "LEAK" : "EXTRA",
                             to_string(miss.category), miss.text, miss.rule, around);
  }
}

}  // namespace

Status evaluate_deidentify(const EvaluateFlags& flags) {
  if (flags.misses && (flags.part != "development" || !flags.i2b2.empty())) {
    return Error{Errc::invalid_config,
                 "--misses shows the development part only: rules that are tuned with the held-out "
                 "part in view would say nothing"};
  }
  HIPPOCRYPT_TRY(const auto notes, corpus_of(flags));
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  std::vector<privacy::Miss> misses;
  // The patterns are compiled once in a program, not in the time of the notes.
  HIPPOCRYPT_TRY_VOID(privacy::find_identifiers("warm up"));
  progress.begin("searching", notes.size());
  const auto start = std::chrono::steady_clock::now();
  HIPPOCRYPT_TRY(EvaluationReport report,
                 privacy::evaluate(
                     notes, [&progress] { progress.advance(); }, flags.misses ? &misses : nullptr));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  progress.end(fmt::format("{} notes", notes.size()));
  print_report(flags, {report, seconds.count()});
  print_misses(misses);
  return {};
}

}  // namespace hippocrypt::cli
