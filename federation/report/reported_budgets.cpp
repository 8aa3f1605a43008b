#include "federation/report/reported_budgets.hpp"

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "base/format_version.hpp"
#include "federation/report/metrics_writer.hpp"

namespace hippocrypt::federation {
namespace {

using nlohmann::json;

constexpr std::uint64_t file_version = 1;
constexpr std::size_t most_bytes = std::size_t{1} << 30;
constexpr const char* infinite = "infinite";

std::filesystem::path file_of(const std::filesystem::path& run_folder) {
  return run_folder / "reported_budgets.jsonl";
}

json number_json(double value) { return std::isinf(value) ? json(infinite) : json(value); }

double number_from(const json& value) {
  if (value.is_string() && value.get<std::string>() == infinite) {
    return std::numeric_limits<double>::infinity();
  }
  return value.get<double>();
}

std::string line_of(const BudgetStatement& statement, const secagg::PublicIdentity& key) {
  const nlohmann::ordered_json line{{"version", file_version},
                                    {"time", metrics::utc_text(std::chrono::system_clock::now())},
                                    {"hospital", statement.hospital},
                                    {"run", statement.run},
                                    {"round", statement.round},
                                    {"epsilon", number_json(statement.epsilon)},
                                    {"delta", statement.delta},
                                    {"steps", statement.steps},
                                    {"unit", statement.unit},
                                    {"key", to_hex(key)},
                                    {"signature", to_hex(statement.signature)}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

/// As after a crash while a line was written.
bool ends_within_a_line(const Descriptor& file) {
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  char last = '\n';
  return size > 0 && ::pread(file.get(), &last, 1, size - 1) == 1 && last != '\n';
}

/// Throws json::exception for anything else than hexadecimal of this length.
template <std::size_t size>
std::array<std::uint8_t, size> bytes_from(const json& value) {
  std::array<std::uint8_t, size> out{};
  const auto bytes = from_hex(value.get<std::string>());
  if (bytes && bytes->size() == size) std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;  // zeros: no signature that fits
}

ReportedBudget reported_from(const json& line) {
  ReportedBudget out;
  out.time = line.at("time").get<std::string>();
  out.statement.hospital = line.at("hospital").get<std::string>();
  out.statement.run = line.at("run").get<std::string>();
  out.statement.round = line.at("round").get<std::uint32_t>();
  out.statement.epsilon = number_from(line.at("epsilon"));
  out.statement.delta = line.at("delta").get<double>();
  out.statement.steps = line.at("steps").get<std::uint64_t>();
  out.statement.unit = line.at("unit").get<std::string>();
  out.key = bytes_from<sizeof(out.key)>(line.at("key"));
  out.statement.signature = bytes_from<sizeof(out.statement.signature)>(line.at("signature"));
  return out;
}

/// Statements by hospital and round, hospitals numbered as they come.
class Collected {
 public:
  explicit Collected(std::string run) : run_{std::move(run)} {}

  void add(ReportedBudget reported) {
    const auto& statement = reported.statement;
    const auto [hospital, is_first] =
        hospitals_.try_emplace(statement.hospital, Hospital{hospitals_.size(), reported.key});
    reported.is_signed =
        statement.run == run_ && reported.key == hospital->second.key &&
        secagg::is_signed_by(reported.key, statement_bytes(statement), statement.signature);
    all_[{hospital->second.number, statement.round}] = std::move(reported);
  }
  std::vector<ReportedBudget> take() && {
    std::vector<ReportedBudget> out;
    for (auto& [place, reported] : all_) out.push_back(std::move(reported));
    return out;
  }

 private:
  struct Hospital {
    std::size_t number;
    secagg::PublicIdentity key;
  };
  std::string run_;
  std::map<std::string, Hospital> hospitals_;
  std::map<std::pair<std::size_t, std::uint32_t>, ReportedBudget> all_;
};

}  // namespace

Status keep_reported_budget(const std::filesystem::path& run_folder,
                            const BudgetStatement& statement, const secagg::PublicIdentity& key) {
  const auto path = file_of(run_folder);
  const Descriptor file{::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644)};
  std::string line = line_of(statement, key);
  if (file.get() >= 0 && ends_within_a_line(file)) line.insert(0, 1, '\n');
  const bool is_kept =
      file.get() >= 0 && write_all(file.get(), as_bytes(line)) && ::fdatasync(file.get()) == 0;
  if (is_kept) return {};
  return Error{Errc::io, path.string() + ": what " + statement.hospital +
                             " reported of its budget cannot be kept; is the disk full?"};
}

Result<ReportedBudgets> read_reported_budgets(const std::filesystem::path& run_folder,
                                              const std::string& run) {
  const auto path = file_of(run_folder);
  auto text = read_text_file(path, most_bytes);
  if (!text && text.error().code == Errc::not_found) return ReportedBudgets{};
  if (!text) return std::move(text).error();
  ReportedBudgets out;
  Collected collected{run};
  for (std::size_t at = 0; at < text->size();) {
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const auto line = json::parse(text->begin() + static_cast<std::ptrdiff_t>(at),
                                  text->begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    const bool is_empty = at == end;
    at = end + 1;
    if (is_empty) continue;
    try {
      HIPPOCRYPT_TRY_VOID(
          check_version(path.string(), line.at("version").get<std::uint64_t>(), file_version));
      collected.add(reported_from(line));
    } catch (const json::exception&) {
      ++out.damaged;
    }
  }
  out.statements = std::move(collected).take();
  return out;
}

}  // namespace hippocrypt::federation
