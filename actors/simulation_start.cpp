#include "actors/simulation_start.hpp"

#include <algorithm>
#include <utility>

#include "actors/process_memory.hpp"
#include "base/parallel.hpp"
#include "federation/adapter/adapter_factory.hpp"
#include "federation/client/dealt_notes.hpp"
#include "federation/server/product_server.hpp"
#include "model/model_fingerprint.hpp"
#include "model/source/open_model.hpp"
#include "protocol/in_process_transport.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FederationConfig;

/// A hospital that waits for the blind server leaves the machine to others.
std::size_t workers(const FederationConfig& config) {
  if (config.simulation.workers > 0) return config.simulation.workers;
  return machine_threads() * (config.encryption.uses_server() ? 2 : 1);
}

}  // namespace

void tell_note(const SimulationOptions& options, const char* source, std::string text) {
  if (options.on_event) options.on_event(federation::metrics::Note{source, 0, text});
  if (!options.on_progress) return;
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.source = source;
  progress.text = std::move(text);
  options.on_progress(progress);
}

Result<SharedStart> make_start(const SimulationOptions& options) {
  const FederationConfig& config = options.config;
  const std::string spec = config.model.path.string();
  // With the text side, which only hospitals need: without it none could start, and that should not
  // leave a run behind.
  HIPPOCRYPT_TRY(auto bundle, model::open_model(spec));
  const model::ModelConfig model_config = bundle.model.config;
  HIPPOCRYPT_TRY(auto adapter, federation::make_initial_adapter(config, model_config));
  SharedStart start{model_config, std::move(adapter), nullptr, nullptr, {}, {}, nullptr};
  HIPPOCRYPT_TRY(start.notes, federation::deal_notes(config));
  start.slots = std::make_shared<federation::WorkSlots>(workers(config));
  limit_heaps(workers(config));
  start.weights = model::model_fingerprint(model_config, bundle.model.base);
  if (config.encryption.blind_head) model::offer_head(bundle.model);
  HIPPOCRYPT_TRY(auto residuals,
                 federation::residuals_for(config.encryption, bundle.model, machine_threads()));
  std::unique_ptr<protocol::ProductTransport> transport;
  if (config.encryption.uses_server()) {
    HIPPOCRYPT_TRY(auto server,
                   federation::start_product_server(config.encryption, config.server, spec,
                                                    model_config, std::move(bundle.model.base),
                                                    make_random(options.random, "blind server")));
    tell_note(options, "blind server", std::move(server.note));
    start.service = std::move(server.service);
    transport = std::make_unique<protocol::InProcessTransport>(start.service);
  }
  HIPPOCRYPT_TRY(start.model,
                 federation::SharedModel::create(config.encryption, std::move(bundle),
                                                 std::move(residuals), transport.get()));
  return start;
}

}  // namespace hippocrypt::actors
