#pragma once
// The real model beside the repository, through the plain fp32 oracle.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.hpp"
#include "model/files/json.hpp"
#include "model/files/open_weights.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"

namespace hippocrypt::test_support {

inline const std::filesystem::path models_folder = HIPPOCRYPT_SOURCE_DIR "/../shared/models";
inline const std::filesystem::path real_model_path =
    models_folder / "SmolLM2-135M-Instruct.Q4_1.gguf";

/// A JSON file of the reference.
inline model::Json reference_json(std::string_view name) {
  const auto path = models_folder / "reference" / name;
  return *model::parse_json(*read_text_file(path, std::size_t{4} << 20), path.string());
}

inline std::size_t test_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

/// The model with its oracle; nothing of it may move.
struct RealModel {
  RealModel() : model{model::open_weights(real_model_path.string()).value()} {}
  RealModel(const RealModel&) = delete;
  RealModel& operator=(const RealModel&) = delete;

  model::Model model;
  model::PlainFp32Oracle oracle{model.base, test_threads()};
  model::Transformer transformer{model.config, model.client, oracle, {.threads = test_threads()}};
};

inline std::size_t largest(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

inline std::vector<float> column(const Matrix& matrix, std::size_t at) {
  std::vector<float> out(matrix.rows());
  for (std::size_t r = 0; r < out.size(); ++r) out[r] = matrix(r, at);
  return out;
}

}  // namespace hippocrypt::test_support

/// Skips the test when the model is not there; in CI its absence is a failure.
#define HIPPOCRYPT_NEED_REAL_MODEL()                                             \
  do {                                                                           \
    if (!std::filesystem::exists(::hippocrypt::test_support::real_model_path)) { \
      const char* in_ci = std::getenv("CI");                                     \
      if (in_ci != nullptr && std::string_view{in_ci} == "true") {               \
        FAIL() << "the real model is needed in CI";                              \
      }                                                                          \
      GTEST_SKIP() << "the real model is not beside the repository";             \
    }                                                                            \
  } while (false)
