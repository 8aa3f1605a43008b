#include "federation/server/served_models.hpp"

#include <utility>

#include "protocol/server/model_table.hpp"

namespace hippocrypt::federation {
namespace {

std::string note_of(const ModelToServe& model, const ProductServer& started) {
  const std::size_t blocks = started.config->blocks;
  return model.spec + ": " + describe(model.blocks.within(blocks)) + " of " +
         std::to_string(blocks) + ", " + started.note;
}

}  // namespace

Result<ServedModels> serve_models(const EncryptionConfig& encryption, const ServerConfig& server,
                                  std::span<const ModelToServe> models,
                                  const std::shared_ptr<RandomSource>& random) {
  std::vector<protocol::ModelTable::Entry> entries;
  ServedModels served;
  for (const ModelToServe& wanted : models) {
    auto one = open_product_server(encryption, server, wanted, random);
    if (!one) {
      const bool is_named = one.error().detail.find(wanted.spec) != std::string::npos;
      return Error{one.error().code, (is_named ? "" : wanted.spec + ": ") + one.error().detail};
    }
    served.notes.push_back(note_of(wanted, *one));
    entries.push_back({one->model_fingerprint, one->config.fingerprint(), std::move(one->service)});
  }
  HIPPOCRYPT_TRY(served.service, protocol::ModelTable::create(std::move(entries)));
  return served;
}

}  // namespace hippocrypt::federation
