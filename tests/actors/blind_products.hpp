#pragma once
// The products of a small model by way of a blind server, which must be those of one process to the
// last bit.

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/client/encrypted_oracle.hpp"
#include "protocol/client/hint_store.hpp"
#include "protocol/in_process_transport.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::actors {

inline const protocol::test::SmallModel& world() {
  static const auto made = protocol::test::make_small_model();
  return made;
}

/// All servers of the tests have the same masks, so that products are the same to the last bit.
inline std::shared_ptr<const protocol::FrameService> service_of(protocol::BlockRange blocks) {
  const auto& m = world();
  const auto nonce = protocol::test::sample_nonce();
  const protocol::SetupSources sources{m.config, m.base, m.fingerprint, m.params,
                                       nonce,    1,      false,         blocks};
  return std::make_shared<const protocol::ProductService>(
      sources, protocol::build_server_parts(sources).value());
}

/// All products of both blocks, by an oracle whose randomness is always the same.
inline Result<std::vector<Matrix>> products(protocol::ProductTransport& transport) {
  const auto& m = world();
  const test_support::TemporaryFolder folder;
  const auto keeper = std::make_shared<protocol::HintStore>(
      protocol::HintStore::Options{.folder = folder.path() / "hints"});
  HIPPOCRYPT_TRY(const auto setup,
                 protocol::ServerSetup::fetch(transport, m.params, m.config, keeper));
  test_support::SeededRandom random{5};
  protocol::EncryptedOracle oracle{setup, transport, random, {16, 8, 2}};
  std::vector<Matrix> all;
  for (std::uint32_t block = 0; block < m.config->blocks; ++block) {
    for (std::uint8_t g = 0; g < model::linear_group_count; ++g) {
      const auto group = static_cast<model::LinearGroup>(g);
      const Matrix x = protocol::test::random_matrix(m.config.in_features(group), 13, 3);
      HIPPOCRYPT_TRY(all.emplace_back(), oracle.forward({block, group}, x));
      const Matrix dy = protocol::test::random_matrix(m.config.out_features(group), 13, 4);
      HIPPOCRYPT_TRY(all.emplace_back(), oracle.backward({block, group}, dy));
    }
  }
  return all;
}

inline const std::vector<Matrix>& products_in_process() {
  static const auto made = [] {
    protocol::InProcessTransport transport{service_of({})};
    return products(transport).value();
  }();
  return made;
}

inline void expect_same_as_in_process(const Result<std::vector<Matrix>>& got) {
  ASSERT_TRUE(got) << to_string(got.error());
  const auto& wanted = products_in_process();
  ASSERT_EQ(got->size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_TRUE(std::equal(wanted[i].values().begin(), wanted[i].values().end(),
                           (*got)[i].values().begin(), (*got)[i].values().end()))
        << i;
  }
}

}  // namespace hippocrypt::actors
