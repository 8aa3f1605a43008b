// hippocrypt deidentify FILE: a note file line by line, in bounded memory.

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/file.hpp"
#include "base/random.hpp"
#include "cli/commands/deidentify.hpp"
#include "cli/support/interrupt.hpp"
#include "cli/support/output.hpp"
#include "cli/support/progress.hpp"
#include "privacy/deidentify/jsonl.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 16;

/// Lines of at most max_deidentify_line_bytes; no more than one and a piece are held.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_{in} {}

  /// Nothing at the end. Errors: limit_exceeded, io.
  Result<std::optional<std::string>> next() {
    while (true) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != std::string::npos) return take(end);
      searched_ = buffer_.size();
      if (buffer_.size() > privacy::max_deidentify_line_bytes) {
        return Error{Errc::limit_exceeded, fmt::format("the line is longer than {} bytes; split it",
                                                       privacy::max_deidentify_line_bytes)};
      }
      if (!in_) {
        if (in_.bad()) return Error{Errc::io, "the input could not be read"};
        if (buffer_.empty()) return std::optional<std::string>{};
        return take(buffer_.size());
      }
      const std::size_t size = buffer_.size();
      buffer_.resize(size + piece_bytes);
      in_.read(buffer_.data() + size, static_cast<std::streamsize>(piece_bytes));
      buffer_.resize(size + static_cast<std::size_t>(in_.gcount()));
    }
  }

 private:
  std::optional<std::string> take(std::size_t end) {
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, std::min(end + 1, buffer_.size()));
    searched_ = 0;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }

  std::istream& in_;
  std::string buffer_;
  std::size_t searched_ = 0;
};

struct Totals {
  std::uint64_t lines = 0, blank = 0, residuals = 0;
  std::array<std::uint64_t, privacy::category_count> counts{};
  std::uint64_t sum() const {
    std::uint64_t all = 0;
    for (const std::uint64_t count : counts) all += count;
    return all;
  }
};

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t") == std::string::npos;
}

/// Calls `visit(line, number)` for every line that is not blank. Errors: those of `visit` with the
/// place; cancelled.
template <class Visit>
Status for_each_line(std::istream& in, const std::string& name, Totals& totals, Visit visit) {
  Lines lines{in};
  totals.lines = totals.blank = 0;
  while (true) {
    if (interrupt_flag().load()) return Error{Errc::cancelled, "interrupted"};
    auto line = lines.next();
    const Status status = [&]() -> Status {
      if (!line) return line.error();
      if (!line->has_value() || is_blank(**line)) return {};
      return visit(**line, totals.lines + 1);
    }();
    if (!status) {
      return Error{status.error().code,
                   fmt::format("{}:{}: {}", name, totals.lines + 1, status.error().detail)};
    }
    if (!line->has_value()) return {};
    ++totals.lines;
    if (is_blank(**line)) ++totals.blank;
  }
}

/// Standard output, or a file that is there when all went well.
class Output {
 public:
  static Result<Output> create(const std::string& path) {
    Output output;
    if (path == "-") return output;
    HIPPOCRYPT_TRY(AtomicFile file, AtomicFile::create(path));
    output.file_ = std::make_unique<AtomicFile>(std::move(file));
    return output;
  }
  Status line(const std::string& text) {
    if (file_ != nullptr) return file_->append(as_bytes(text + "\n"));
    std::cout << text << '\n';
    if (!std::cout) return Error{Errc::io, "standard output could not be written"};
    return {};
  }
  Status commit() { return file_ != nullptr ? file_->commit() : Status{}; }

 private:
  std::unique_ptr<AtomicFile> file_;
};

Result<privacy::ReplaceOptions> options_of(const DeidentifyFlags& flags) {
  privacy::ReplaceOptions options;
  options.day_first = flags.day_first;
  options.mask_residuals = flags.strict;
  options.mode = flags.mode == "mask"        ? privacy::Replacement::mask
                 : flags.mode == "surrogate" ? privacy::Replacement::surrogate
                                             : privacy::Replacement::tag;
  if (options.mode != privacy::Replacement::surrogate) {
    if (flags.key.empty()) return options;
    return Error{Errc::invalid_config, "--key is the secret of --mode surrogate"};
  }
  if (flags.key.empty()) {
    return Error{Errc::invalid_config,
                 "--mode surrogate needs --key FILE, the secret that surrogates are drawn with"};
  }
  SystemRandom random;
  HIPPOCRYPT_TRY(SecretBytes key, privacy::read_or_create_surrogate_key(flags.key, random));
  options.key = std::make_shared<const SecretBytes>(std::move(key));
  return options;
}

void print_summary(const DeidentifyFlags& flags, const Totals& totals) {
  if (flags.json) {
    nlohmann::ordered_json counts;
    for (const auto& row : privacy::category_table()) {
      counts[std::string{row.name}] = totals.counts[static_cast<std::size_t>(row.category)];
    }
    print_json(std::cout, {{"notes", totals.lines - totals.blank},
                           {"identifiers", totals.sum()},
                           {"categories", counts},
                           {"unexplained", totals.residuals},
                           {"limits", deidentify_limits}});
    return;
  }
  std::string counts;
  for (const auto& row : privacy::category_table()) {
    const std::uint64_t count = totals.counts[static_cast<std::size_t>(row.category)];
    if (count > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", row.name, count);
  }
  std::cerr << fmt::format(
      "{} notes: {} identifiers replaced{}{}; {} unexplained digit runs or @ {}\n",
      totals.lines - totals.blank, totals.sum(), counts.empty() ? "" : ": ", counts,
      totals.residuals, flags.strict ? "masked" : "left (see --report and --strict)");
}

Status write_all(const DeidentifyFlags& flags, privacy::Deidentifier& deidentifier,
                 std::istream& in, Totals& totals) {
  HIPPOCRYPT_TRY(Output out, Output::create(flags.out));
  std::optional<Output> report;
  if (!flags.report.empty()) {
    HIPPOCRYPT_TRY(report, Output::create(flags.report));
  }
  Progress progress{std::cerr, {progress_style_of_stderr(), terminal_columns()}};
  const std::uint64_t expected = totals.lines;  // of the first pass; 0: unknown
  if (expected > 0) progress.begin("replacing", expected);
  const auto replace = [&](const std::string& line, std::uint64_t number) -> Status {
    HIPPOCRYPT_TRY(const privacy::LineResult result,
                   privacy::deidentify_line(line, number, deidentifier));
    for (std::size_t i = 0; i < result.counts.size(); ++i) totals.counts[i] += result.counts[i];
    totals.residuals += result.residuals;
    HIPPOCRYPT_TRY_VOID(out.line(result.line));
    if (expected > 0) progress.advance();
    return report ? report->line(result.report) : Status{};
  };
  HIPPOCRYPT_TRY_VOID(for_each_line(in, flags.input, totals, replace));
  if (expected > 0) progress.end(fmt::format("{} lines", totals.lines));
  HIPPOCRYPT_TRY_VOID(out.commit());
  return report ? report->commit() : Status{};
}

}  // namespace

Status deidentify_notes(const DeidentifyFlags& flags) {
  if (flags.json && flags.out == "-") {
    return Error{Errc::invalid_config,
                 "--json prints on standard output, where the notes go; name a file with --out"};
  }
  install_interrupt_handler();
  HIPPOCRYPT_TRY(privacy::ReplaceOptions options, options_of(flags));
  privacy::Deidentifier deidentifier{std::move(options)};
  Totals totals;
  if (flags.input == "-") {
    HIPPOCRYPT_TRY_VOID(write_all(flags, deidentifier, std::cin, totals));
    print_summary(flags, totals);
    return {};
  }
  std::ifstream file{flags.input, std::ios::binary};
  if (!file) return Error{Errc::not_found, flags.input + ": cannot be opened"};
  if (std::filesystem::is_regular_file(flags.input)) {
    // First the names of each patient from all of their notes.
    HIPPOCRYPT_TRY_VOID(
        for_each_line(file, flags.input, totals, [&](const std::string& line, std::uint64_t) {
          return privacy::learn_line(line, deidentifier);
        }));
    file.clear();
    file.seekg(0);
  }
  HIPPOCRYPT_TRY_VOID(write_all(flags, deidentifier, file, totals));
  print_summary(flags, totals);
  return {};
}

}  // namespace hippocrypt::cli
