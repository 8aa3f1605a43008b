#include "federation/client/dealt_notes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "notes/deal.hpp"

namespace hippocrypt::federation {
namespace {

using notes::NoteFile;
using notes::Patient;
using notes::Split;

/// All note files that are shared, and their patients.
struct Pools {
  std::vector<std::filesystem::path> files;
  std::vector<Patient> patients;
  std::vector<notes::DealtPatient> cards;  // as many
};

/// Errors: those of read_notes; mismatch.
Result<Pools> read_pools(const FederationConfig& config) {
  Pools pools;
  std::map<std::string, std::size_t> file_of_patient;
  for (const HospitalConfig& hospital : config.hospitals) {
    for (const auto& path : hospital.deal.pool) {
      if (std::find(pools.files.begin(), pools.files.end(), path) != pools.files.end()) continue;
      const std::size_t file = pools.files.size();
      pools.files.push_back(path);
      HIPPOCRYPT_TRY(const NoteFile read, notes::read_notes(path));
      for (const Split split : {Split::train, Split::heldout}) {
        for (Patient& patient : read.patients(split)) {
          const auto [twin, is_new] = file_of_patient.emplace(patient.patient_id, file);
          if (!is_new) {
            return Error{
                Errc::mismatch,
                fmt::format("patient {} is in {} and in {}: dealt from both, it would be "
                            "at two hospitals; give one of the two another id",
                            patient.patient_id, pools.files[twin->second].string(), path.string())};
          }
          pools.cards.push_back({file, patient.notes.front().speciality, split == Split::heldout});
          pools.patients.push_back(std::move(patient));
        }
      }
    }
  }
  return pools;
}

/// The hospitals that share the same files, and how many patients these hold.
struct Table {
  std::vector<std::size_t> files;
  std::vector<std::size_t> hospitals;
  std::size_t train = 0, heldout = 0;
};

std::vector<Table> seat(const FederationConfig& config, const Pools& pools) {
  std::vector<Table> tables;
  std::map<std::vector<std::size_t>, std::size_t> known;
  for (std::size_t i = 0; i < config.hospitals.size(); ++i) {
    std::vector<std::size_t> files;
    for (const auto& path : config.hospitals[i].deal.pool) {
      const auto at = std::find(pools.files.begin(), pools.files.end(), path);
      files.push_back(static_cast<std::size_t>(at - pools.files.begin()));
    }
    if (files.empty()) continue;
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    const auto [place, is_new] = known.emplace(files, tables.size());
    if (is_new) tables.push_back({files, {}, 0, 0});
    tables[place->second].hospitals.push_back(i);
  }
  for (Table& table : tables) {
    for (const auto& card : pools.cards) {
      if (!std::binary_search(table.files.begin(), table.files.end(), card.file)) continue;
      ++(card.is_heldout ? table.heldout : table.train);
    }
  }
  return tables;
}

/// How many training patients a hospital asks for; 0: what others leave.
std::size_t asked(const DealConfig& deal, const Table& table) {
  if (deal.patients > 0) return deal.patients;
  if (!(deal.share > 0)) return 0;
  return static_cast<std::size_t>(
      std::max(1.0, std::floor(deal.share * static_cast<double>(table.train))));
}

/// Sets how much everybody at the table gets. Errors: out_of_range.
Status size_hands(const FederationConfig& config, const Table& table,
                  std::vector<notes::HandRequest>& requests) {
  std::size_t claimed = 0, unsized = 0;
  const DealConfig* last = nullptr;
  for (const std::size_t i : table.hospitals) {
    last = &config.hospitals[i].deal;
    requests[i].train = asked(*last, table);
    claimed += requests[i].train;
    if (requests[i].train == 0) ++unsized;
  }
  if (claimed + unsized > table.train) {
    return Error{Errc::out_of_range,
                 fmt::format("group {}: {} hospitals share {} patients to train on, but are to get "
                             "{}; lower count, patients or share, or add note files",
                             last->group, table.hospitals.size(), table.train, claimed + unsized)};
  }
  if (table.hospitals.size() > table.heldout) {
    return Error{Errc::out_of_range,
                 fmt::format("group {}: {} hospitals share {} held-out patients and need one each; "
                             "lower count, or add note files",
                             last->group, table.hospitals.size(), table.heldout)};
  }
  // One each first, so that the sum never exceeds what is there.
  const std::size_t spare = table.heldout - table.hospitals.size();
  for (const std::size_t i : table.hospitals) {
    if (requests[i].train == 0) requests[i].train = (table.train - claimed) / unsized;
    requests[i].heldout = 1 + spare * requests[i].train / table.train;
  }
  return {};
}

std::shared_ptr<const NoteFile> pick_up(const notes::Hand& hand, Pools& pools) {
  auto file = std::make_shared<NoteFile>();
  for (const auto* positions : {&hand.train, &hand.heldout}) {
    for (const std::size_t position : *positions) {
      auto& own = pools.patients[position].notes;
      file->notes.insert(file->notes.end(), std::make_move_iterator(own.begin()),
                         std::make_move_iterator(own.end()));
    }
  }
  file->report.lines = file->report.notes = file->notes.size();
  file->report.train_patients = hand.train.size();
  file->report.heldout_patients = hand.heldout.size();
  return file;
}

}  // namespace

Result<std::vector<std::shared_ptr<const NoteFile>>> deal_notes(const FederationConfig& config) {
  std::vector<std::shared_ptr<const NoteFile>> out(config.hospitals.size());
  HIPPOCRYPT_TRY(Pools pools, read_pools(config));
  if (pools.files.empty()) return out;
  std::vector<notes::HandRequest> requests(config.hospitals.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].name = config.hospitals[i].name;
    requests[i].skew = config.hospitals[i].deal.skew;
  }
  for (const Table& table : seat(config, pools)) {
    for (const std::size_t i : table.hospitals) requests[i].files = table.files;
    HIPPOCRYPT_TRY_VOID(size_hands(config, table, requests));
  }
  HIPPOCRYPT_TRY(const auto hands, notes::deal_patients(pools.cards, requests, config.run.seed));
  for (std::size_t i = 0; i < hands.size(); ++i) {
    if (!config.hospitals[i].deal.pool.empty()) out[i] = pick_up(hands[i], pools);
  }
  return out;
}

Result<NoteFile> notes_of(const FederationConfig& config, std::size_t index) {
  const HospitalConfig& hospital = config.hospitals[index];
  if (hospital.deal.pool.empty()) return notes::read_notes(hospital.notes);
  HIPPOCRYPT_TRY(const auto dealt, deal_notes(config));
  return *dealt[index];
}

}  // namespace hippocrypt::federation
