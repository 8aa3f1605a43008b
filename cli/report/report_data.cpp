#include "cli/report/report_data.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "base/format_version.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t most_bytes = 16U << 20;

double loss_from(const nlohmann::json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

}  // namespace

Result<std::optional<Comparison>> load_comparison(const std::filesystem::path& run_folder) {
  const auto file = run_folder / "alone.json";
  const auto text = read_text_file(file, most_bytes);
  if (!text && text.error().code == Errc::not_found) return std::optional<Comparison>{};
  if (!text) return text.error();
  try {
    const auto value = nlohmann::json::parse(*text);
    // The first releases wrote none.
    HIPPOCRYPT_TRY_VOID(
        check_version(file.string(), value.value("version", std::uint64_t{1}), comparison_version));
    Comparison comparison;
    comparison.pooled_tokens = value.at("pooled_tokens").get<std::uint64_t>();
    comparison.start = loss_from(value.at("start"));
    comparison.federated = loss_from(value.at("federated"));
    for (const auto& [name, loss] : value.at("alone").items()) {
      comparison.alone[name] = loss_from(loss);
    }
    return std::optional{comparison};
  } catch (const nlohmann::json::exception& error) {
    return Error{Errc::malformed, file.string() + ": " + error.what()};
  }
}

}  // namespace hippocrypt::cli
