// One row per value that cannot be run: the lines that spoil a sound file, and what the error says.

#include <ostream>

#include "tests/cli/config_fixture.hpp"

namespace hippocrypt::cli {
namespace {

struct BadValue {
  const char* name;
  const char* lines;  ///< appended to the sound file, whose last line is 14
  std::vector<std::string> error;
};

void PrintTo(const BadValue& value, std::ostream* out) { *out << value.name; }

class BadValueTest : public ConfigTest, public testing::WithParamInterface<BadValue> {};

TEST_P(BadValueTest, IsRefusedWithLineKeyValueAndRule) {
  expect_error(load(GetParam().lines), GetParam().error);
}

const std::vector<BadValue> bad_values = {
    {"AdapterMode",
     "[adapter]\nmode = \"dora\"\n",
     {":16: adapter.mode = 'dora': must be ffa, lora, rolora or fed-sb"}},
    {"AdapterModeType",
     "[adapter]\nmode = 3\n",
     {":16: adapter.mode = 3: must be a string in quotes, not the number 3"}},
    {"RankZero",
     "[adapter]\nrank = 0\n",
     {":16: adapter.rank = 0: must be a whole number from 1 to 1024"}},
    {"RankText",
     "[adapter]\nrank = \"eight\"\n",
     {":16: adapter.rank = 'eight': must be a whole number from 1 to 1024, not the string"}},
    {"RankFraction", "[adapter]\nrank = 8.5\n", {"must be a whole number", "not the number 8.5"}},
    {"RankDate", "[adapter]\nrank = 2024-01-01\n", {"not the date or time 2024-01-01"}},
    {"RankList", "[adapter]\nrank = [8]\n", {"adapter.rank: must be a whole number", "not a list"}},
    {"RankSection", "[adapter.rank]\n", {"not a section"}},
    {"RankBoolean", "[adapter]\nrank = true\n", {"not the word true"}},
    {"AlphaZero",
     "[adapter]\nalpha = 0\n",
     {":16: adapter.alpha = 0: must be a number above 0, and finite"}},
    {"AlphaInfinite", "[adapter]\nalpha = inf\n", {":16: adapter.alpha = inf: must be a number"}},
    {"AlphaText", "[adapter]\nalpha = \"a\"\n", {"must be a number above 0", "not the string"}},
    {"TargetUnknown",
     "[adapter]\ntargets = [\"q\", \"qkv\"]\n",
     {":16: adapter.targets: unknown target 'qkv'", "q, k, v, o, gate, up and down"}},
    {"TargetTwice", "[adapter]\ntargets = [\"q\", \"k\", \"q\"]\n", {"'q' is named twice"}},
    {"TargetsEmpty", "[adapter]\ntargets = []\n", {"must name at least one of q, k"}},
    {"TargetsNoList",
     "[adapter]\ntargets = \"q\"\n",
     {"must be a list of strings, not the string"}},
    {"TargetNumber", "[adapter]\ntargets = [1]\n", {"one entry is the number 1"}},
    {"Optimizer",
     "[training]\noptimizer = \"adam\"\n",
     {":16: training.optimizer = 'adam': must be sgd or adamw"}},
    {"LearningRateNegative",
     "[training]\nlearning_rate = -0.5\n",
     {":16: training.learning_rate = -0.5: must be a number of 0 or more, and finite"}},
    {"LearningRateInfinite", "[training]\nlearning_rate = inf\n", {"of 0 or more, and finite"}},
    {"LearningRateNan", "[training]\nlearning_rate = nan\n", {"of 0 or more, and finite"}},
    {"Schedule",
     "[training]\nschedule = \"step\"\n",
     {":16: training.schedule = 'step': must be constant, linear or cosine"}},
    {"WarmupAboveTheSteps",
     "[training]\nwarmup_steps = 33\n",
     {":16: training.warmup_steps = 33: the warm-up (33 steps) is longer than the training, which "
      "has rounds (8) times steps_per_round (4)"}},
    {"WarmupNegative", "[training]\nwarmup_steps = -1\n", {"a whole number from 0"}},
    {"FinalLearningRate",
     "[training]\nschedule = \"cosine\"\nfinal_learning_rate = 1.5\n",
     {":17: training.final_learning_rate = 1.5: must be a number from 0 to 1"}},
    {"FinalLearningRateOfAConstant",
     "[training]\nfinal_learning_rate = 0.5\n",
     {":16: training.final_learning_rate = 0.5: is not a setting of a constant schedule"}},
    {"Beta1", "[training]\nbeta1 = 1.0\n", {"training.beta1 = 1.0: must be a number of 0 or more"}},
    {"Beta2", "[training]\nbeta2 = -0.1\n", {"training.beta2 = -0.1: must be a number of 0"}},
    {"Epsilon", "[training]\nepsilon = 0\n", {"training.epsilon = 0: must be a number above 0"}},
    {"WeightDecay",
     "[training]\nweight_decay = -1\n",
     {"training.weight_decay = -1: must be a number of 0 or more"}},
    {"Momentum",
     "[training]\noptimizer = \"sgd\"\nmomentum = 1\n",
     {":17: training.momentum = 1: must be a number of 0 or more, and below 1"}},
    {"MomentumOfAdamw",
     "[training]\nmomentum = 0.9\n",
     {":16: training.momentum = 0.9: is not a setting of adamw"}},
    {"BetaOfSgd",
     "[training]\noptimizer = \"sgd\"\nbeta2 = 0.9\n",
     {":17: training.beta2 = 0.9: is not a setting of sgd"}},
    {"Loss",
     "[training]\nloss = \"prompt\"\n",
     {":16: training.loss = 'prompt': must be all or completion"}},
    {"Backprop",
     "[training]\nbackprop = \"none\"\n",
     {":16: training.backprop = 'none': must be exact or top_gradient"}},
    {"BackpropOfAllTargets",
     "[training]\nbackprop = \"top_gradient\"\n",
     {":16: training.backprop = 'top_gradient': 'q' has no gradient where"}},
    {"BackpropOfOneTarget",
     "[training]\nbackprop = \"top_gradient\"\n[adapter]\ntargets = [\"o\", \"up\"]\n",
     {":18: adapter.targets: 'up' has no gradient where"}},
    {"Accumulate", "[training]\naccumulate = 0\n", {"training.accumulate = 0", "from 1 to 1024"}},
    {"LogEvery", "[training]\nlog_every = 0\n", {"training.log_every = 0", "from 1 to"}},
    {"CheckpointEvery", "[training]\ncheckpoint_every = 0\n", {"checkpoint_every = 0", "from 1"}},
    {"CheckpointsKept", "[training]\ncheckpoints_kept = 0\n", {"checkpoints_kept = 0", "from 1"}},
    {"NoteTokens",
     "[training]\nmax_note_tokens = 7\n",
     {":16: training.max_note_tokens = 7: must be a whole number from 8 to"}},
    {"PatientTokens",
     "[training]\nmax_note_tokens = 64\nmax_patient_tokens = 63\n",
     {":17: training.max_patient_tokens = 63: max_patient_tokens (63) must be at least "
      "max_note_tokens (64)"}},
    {"NoteTokensAboveDefault",
     "[training]\nmax_note_tokens = 1000\n",
     {":16: training.max_note_tokens = 1000: max_patient_tokens (256) must be at least"}},
    {"Unit",
     "[privacy]\nunit = \"ward\"\n",
     {":16: privacy.unit = 'ward': must be patient or note"}},
    {"Clipping",
     "[privacy]\nclipping = \"ghost\"\n",
     {":16: privacy.clipping = 'ghost': must be flat, per_layer or adaptive"}},
    {"QuantileOfFlatClipping",
     "[privacy]\nclip_quantile = 0.5\n",
     {":16: privacy.clip_quantile = 0.5: is not a setting of flat clipping", "to adaptive"}},
    {"ClipQuantile",
     "[privacy]\nclipping = \"adaptive\"\nclip_quantile = 1.5\n",
     {":17: privacy.clip_quantile = 1.5: must be a number from 0 to 1"}},
    {"ClipLearningRate",
     "[privacy]\nclipping = \"adaptive\"\nclip_learning_rate = 0\n",
     {"clip_learning_rate = 0: must be a number above 0 and at most 10"}},
    {"ClipCountNoise",
     "[privacy]\nclipping = \"adaptive\"\nclip_count_noise = 0.5\n",
     {":17: privacy.clip_count_noise = 0.5: the count of units within the clip norm needs "
      "clip_count_noise (0.5) above half of the noise multiplier (1); raise clip_count_noise"}},
    {"ClipScheduleOfAdaptive",
     "[privacy]\nclipping = \"adaptive\"\nclip_schedule = \"linear\"\nfinal_clip = 0.5\n",
     {":17: privacy.clip_schedule = 'linear': is not a setting of adaptive clipping"}},
    {"NoiseSchedule",
     "[privacy]\nnoise_schedule = \"cosine\"\n",
     {":16: privacy.noise_schedule = 'cosine': must be constant, linear, exponential or step"}},
    {"FinalNoiseOfAConstant",
     "[privacy]\nfinal_noise_multiplier = 0.5\n",
     {":16: privacy.final_noise_multiplier = 0.5: is not a setting of a constant schedule"}},
    {"FinalNoiseZero",
     "[privacy]\nnoise_schedule = \"linear\"\nfinal_noise_multiplier = 0\n",
     {"final_noise_multiplier = 0: must be a number above 0 and at most 1e9"}},
    {"FinalNoiseMissing",
     "[privacy]\nnoise_schedule = \"linear\"\n",
     {"privacy.final_noise_multiplier: missing: give the value at the last step"}},
    {"ScheduleOfNoNoise",
     "[privacy]\nnoise_multiplier = 0\nnoise_schedule = \"linear\"\n"
     "final_noise_multiplier = 1\n",
     {":17: privacy.noise_schedule = 'linear': needs a noise_multiplier above 0"}},
    {"StagesOfALinearSchedule",
     "[privacy]\nnoise_schedule = \"linear\"\nfinal_noise_multiplier = 2\nschedule_stages = 3\n",
     {":18: privacy.schedule_stages = 3: is a setting of step schedules only"}},
    {"NoiseNegative", "[privacy]\nnoise_multiplier = -1\n", {"from 0 to 1e9"}},
    {"NoiseInfinite", "[privacy]\nnoise_multiplier = inf\n", {"from 0 to 1e9"}},
    {"ClipZero", "[privacy]\nclip = 0.0\n", {":16: privacy.clip = 0.0: must be a number above 0"}},
    {"SamplingZero", "[privacy]\nsampling_rate = 0\n", {"above 0 and at most 1"}},
    {"SamplingAboveOne", "[privacy]\nsampling_rate = 1.01\n", {"above 0 and at most 1"}},
    {"LotZero",
     "[privacy]\nexpected_lot = 0\n",
     {"privacy.expected_lot = 0: must be a number above 0"}},
    {"DeltaZero", "[privacy]\ndelta = 0\n", {"above 0 and below 1"}},
    {"DeltaOne", "[privacy]\ndelta = 1.0\n", {":16: privacy.delta = 1.0: must be", "below 1"}},
    {"BudgetZero", "[privacy]\nbudget = 0\n", {"above 0 (inf for no limit)"}},
    {"BudgetNan", "[privacy]\nbudget = nan\n", {"above 0 (inf for no limit)"}},
    {"ForwardEpsilonZero",
     "[privacy.dp_forward]\nepsilon = 0\n",
     {":16: privacy.dp_forward.epsilon = 0: must be a number above 0 and at most 1e6"}},
    {"ForwardNoiseZero", "[privacy.dp_forward]\nnoise_multiplier = 0\n", {"from 1e-6 to 1e9"}},
    {"ForwardNoiseTwice",
     "[privacy.dp_forward]\nepsilon = 8\nnoise_multiplier = 1\n",
     {":17: privacy.dp_forward.noise_multiplier = 1: epsilon decides the noise already"}},
    {"ForwardDelta", "[privacy.dp_forward]\ndelta = 1\n", {"above 0 and below 1"}},
    {"ForwardClip", "[privacy.dp_forward]\nclip = -1\n", {"above 0 and at most 1e30"}},
    {"ForwardBudget", "[privacy.dp_forward]\nbudget = 0\n", {"above 0 (inf for no limit)"}},
    {"ForwardTokens",
     "[privacy.dp_forward]\ntokens = 64\n",
     {":16: privacy.dp_forward.tokens = 64: every sequence is padded to tokens (64), which must be "
      "at least training.max_note_tokens (128)"}},
    {"ForwardKey",
     "[privacy.dp_forward]\nepsilom = 8\n",
     {":16: privacy.dp_forward.epsilom = 8: unknown key, did you mean 'epsilon'?"}},
    {"ForwardNoSection",
     "[privacy]\ndp_forward = 8\n",
     {"privacy.dp_forward = 8: must be a section"}},
    {"Ledger",
     "[privacy]\nledger = \"none\"\n",
     {":16: privacy.ledger = 'none': must be dataset or run"}},
    {"NoNoiseButABudget",
     "[privacy]\nnoise_multiplier = 0.0\nbudget = 8.0\n",
     {":16: privacy.noise_multiplier = 0.0: without noise the privacy loss is infinite",
      "raise privacy.noise_multiplier"}},
    {"NoNoiseButAHospitalsBudget",
     "[privacy]\nnoise_multiplier = 0\n",
     {"without noise the privacy loss is infinite", "here hospital.1.budget"}},
    {"Oracle",
     "[encryption]\noracle = \"fp32\"\n",
     {":16: encryption.oracle = 'fp32': must be plain-fp32, plain-int8, encrypted or "
      "encrypted-lwe"}},
    {"Params",
     "[encryption]\nparams = \"rlwe4096\"\n",
     {":16: encryption.params = 'rlwe4096': must be rlwe2048 or rlwe1024"}},
    {"TestParams",
     "[encryption]\nparams = \"test512\"\n",
     {":16: encryption.params = 'test512': must be rlwe2048 or rlwe1024"}},
    {"InsecureParams",
     "[encryption]\ninsecure_test = true\nparams = \"rlwe512\"\n",
     {"encryption.params = 'rlwe512': must be rlwe2048, rlwe1024 or test512"}},
    {"InsecureTest",
     "[encryption]\ninsecure_test = 1\n",
     {"encryption.insecure_test = 1: must be true or false, not"}},
    {"UploadBits",
     "[encryption]\nupload_bits = 16\n",
     {":16: encryption.upload_bits = 16: must be 24 or 20"}},
    {"DownloadBits",
     "[encryption]\ndownload_bits = 24\n",
     {":16: encryption.download_bits = 24: must be 16 or 12"}},
    {"LweTiles",
     "[encryption]\noracle = \"encrypted-lwe\"\ntile_tokens = 65\n",
     {"encryption.tile_tokens = 65: must be a whole number from 1 to 64"}},
    {"TilesInFlight",
     "[encryption]\ntiles_in_flight = 0\n",
     {"encryption.tiles_in_flight = 0: must be a whole number from 1 to 16"}},
    {"ExactChannels",
     "[encryption]\nexact_channels = -1\n",
     {"encryption.exact_channels = -1", "from 0 to"}},
    {"BlindHead",
     "[encryption]\nblind_head = 2\n",
     {"encryption.blind_head = 2: must be true or false, not"}},
    {"PadMib", "[encryption]\npad_mib = -1\n", {"encryption.pad_mib = -1", "from 0 to"}},
    {"HintCache", "[server]\nhint_cache = \"\"\n", {"server.hint_cache", "must be a path"}},
    {"TrainTiles", "[encryption]\ntrain_tiles = 0\n", {"encryption.train_tiles = 0", "from 1 to"}},
    {"EvalTiles", "[encryption]\neval_tiles = 0\n", {"encryption.eval_tiles = 0", "from 1 to"}},
    {"TileTokens", "[encryption]\ntile_tokens = 2049\n", {"a whole number from 1 to 2048"}},
    {"TileTokensOfParams",
     "[encryption]\nparams = \"rlwe1024\"\ntile_tokens = 2048\n",
     {":17: encryption.tile_tokens = 2048: must be a whole number from 1 to 1024"}},
    {"TooFewTiles",
     "[encryption]\ntrain_tiles = 2\ntile_tokens = 100\n",
     {":16: encryption.train_tiles = 2: train_tiles (2) times tile_tokens (100) must be at least "
      "training.max_patient_tokens (256)"}},
    {"Threads", "[server]\nthreads = -1\n", {"server.threads = -1: must be a whole number from 0"}},
    {"HospitalWithoutName",
     "[[hospital]]\nnotes = \"data/c.jsonl\"\n",
     {":15: hospital.2.name: missing: give a name"}},
    {"HospitalWithoutNotes",
     "[[hospital]]\nname = \"c\"\n",
     {":15: hospital.2.notes: missing: give the hospital's notes"}},
    {"HospitalNameTwice",
     "[[hospital]]\nname = \"st-anna\"\nnotes = \"data/c.jsonl\"\n",
     {":16: hospital.2.name = 'st-anna': hospital.0 has the same name"}},
    {"HospitalNameSlash",
     "[[hospital]]\nname = \"a/b\"\nnotes = \"data/c.jsonl\"\n",
     {":16: hospital.2.name = 'a/b': must be usable as a folder name"}},
    {"HospitalNameDot",
     "[[hospital]]\nname = \"..\"\nnotes = \"data/c.jsonl\"\n",
     {"no dot first"}},
    {"HospitalNameEmpty", "[[hospital]]\nname = \"\"\nnotes = \"data/c.jsonl\"\n", {"folder name"}},
    {"HospitalNotesMissing",
     "[[hospital]]\nname = \"c\"\nnotes = \"data/none.jsonl\"\n",
     {":17: hospital.2.notes = 'data/none.jsonl': there is no file"}},
    {"HospitalNotesEmpty", "[[hospital]]\nname = \"c\"\nnotes = \"\"\n", {"must be a path"}},
    {"HospitalBudget",
     "[[hospital]]\nname = \"c\"\nnotes = \"data/c.jsonl\"\nbudget = -1\n",
     {":18: hospital.2.budget = -1: must be a number above 0 (inf for no limit)"}},
    {"HospitalUnknownKey",
     "[[hospital]]\nname = \"c\"\nnote = \"data/c.jsonl\"\n",
     {":17: hospital.2.note = 'data/c.jsonl': unknown key, did you mean 'notes'?"}},
};

INSTANTIATE_TEST_SUITE_P(Sections, BadValueTest, testing::ValuesIn(bad_values),
                         [](const auto& test) { return test.param.name; });

// Keys that the sound file holds already are spoiled by overrides.
TEST_F(ConfigTest, RefusesNoRoundsAndNoSteps) {
  expect_error(load({}, {"run.rounds=0"}), {"--set run.rounds=0: must be a whole number from 1"});
  expect_error(load({}, {"run.steps_per_round=0"}), {"must be a whole number from 1"});
  expect_error(load({}, {"run.rounds=5000000000"}), {"must be a whole number from 1 to 1000000"});
  expect_error(load({}, {"run.seed=-1"}), {"must be a whole number from 0"});
}

TEST_F(ConfigTest, RefusesARunNameThatLeavesTheFolder) {
  expect_error(load({}, {"run.name='../x'"}), {"must be usable as a folder name"});
  expect_error(load({}, {"run.name=.hidden"}), {"no dot first"});
  expect_error(load({}, {"run.name=" + std::string(65, 'a')}), {"1 to 64 letters"});
}

TEST_F(ConfigTest, RefusesAModelFolderThatIsNotThere) {
  expect_error(load({}, {"model.path=data/none"}), {"there is no folder or file", "data/none"});
  expect_error(load({}, {"model.path=data/a.jsonl"}), {"data/a.jsonl is no GGUF file"});
}

TEST_F(ConfigTest, AllowsNoNoiseWhereEveryBudgetIsInfinite) {
  const auto config = load({}, {"privacy.noise_multiplier=0", "hospital.1.budget=inf"});
  EXPECT_TRUE(config.has_value()) << config.error().detail;
}

}  // namespace
}  // namespace hippocrypt::cli
