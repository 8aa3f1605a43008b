// Models of every family behind the blind server: what it does not know (biases, the rotation) is
// the hospital's, so encrypted logits are those of int8 weights.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/session/oracle_session.hpp"
#include "model/files/open_weights.hpp"
#include "model/plain_oracle.hpp"
#include "model/transformer.hpp"
#include "tests/model/files/file_fixture.hpp"

namespace hippocrypt::cli {
namespace {

class FamilyOracle : public testing::TestWithParam<const char*> {};

TEST_P(FamilyOracle, EncryptedLogitsAreThoseOfInt8Weights) {
  const auto path = model::reference_path(GetParam());
  HIPPOCRYPT_NEED_REFERENCE(path);
  const auto opened = model::open_weights(path.string());
  ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
  model::Batch batch;
  model::append_sequence(batch, {5, 900, 17, 3333, 4, 250, 1024, 8}, 1.0F);
  const auto logits = [&](model::LinearOracle& oracle) {
    return model::Transformer{opened->config, opened->client, oracle}
        .logits(batch, nullptr, model::LogitPositions::all)
        .value();
  };
  auto int8 = model::PlainInt8Oracle::create(opened->base).value();
  const Matrix wanted = logits(int8);

  OracleSession::Options options;
  options.encryption.oracle = federation::OracleKind::encrypted;
  options.spec = path.string();
  const auto session = OracleSession::create(options, opened->config, opened->base);
  ASSERT_TRUE(session.has_value()) << to_string(session.error());
  (*session)->set_capacity(0);
  const Matrix got = logits((*session)->oracle());
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    difference += std::pow(double{got.values()[i]} - double{wanted.values()[i]}, 2);
    size += std::pow(double{wanted.values()[i]}, 2);
  }
  EXPECT_GT(difference, 0.0);  // the noise of encryption
  EXPECT_LT(std::sqrt(difference / size), 0.02);
}

INSTANTIATE_TEST_SUITE_P(Models, FamilyOracle,
                         testing::Values("tiny_llama_hf", "tiny_llama.gguf", "tiny_qwen2_hf",
                                         "tiny_llama2_hf"));

}  // namespace
}  // namespace hippocrypt::cli
