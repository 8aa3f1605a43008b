#pragma once
// A hospital of the tiny federation at its bench, over exact weights.

#include "federation/client/local_site.hpp"
#include "model/plain_oracle.hpp"
#include "model/source/open_model.hpp"
#include "tests/support/counting_oracle.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::test_support {

struct TinySite {
  TinySite(const TinyFederation& tiny, const std::string& ledger,
           federation::LotSource lots = federation::LotSource::seeded_by_step,
           std::size_t threads = 1, const std::filesystem::path& noise_seed = {})
      : bundle{model::open_model(tiny.config.model.path.string()).value()},
        weights{bundle.model.base},
        oracle{weights} {
    auto plan = federation::make_local_plan(tiny.config, 0, {bundle.tokenizer, bundle.special},
                                            bundle.model.config)
                    .value();
    federation::LocalSiteOptions options;
    options.config = std::make_shared<const federation::FederationConfig>(tiny.config);
    options.ledger = tiny.folder() / ledger;
    options.run = "test";
    options.lots = lots;
    options.threads = threads;
    options.noise_seed = noise_seed;
    site = federation::LocalSite::create(
               options, bundle.model.config,
               std::make_shared<const model::ClientWeights>(bundle.model.client), std::move(plan),
               oracle)
               .value();
  }
  TinySite(const TinySite&) = delete;
  TinySite& operator=(const TinySite&) = delete;

  model::ModelBundle bundle;
  model::PlainFp32Oracle weights;
  CountingOracle oracle;
  std::unique_ptr<federation::LocalSite> site;
};

}  // namespace hippocrypt::test_support
