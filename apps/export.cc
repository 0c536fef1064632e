#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/config/config_dump.h"
#include "apps/evaluation.h"
#include "apps/files/atomic_write.h"
#include "apps/files/json_reader.h"
#include "apps/files/npy.h"
#include "apps/files/read_file.h"
#include "apps/files/sha256.h"
#include "apps/onnx/deploy_yaml.h"
#include "apps/onnx/ort_session.h"
#include "apps/onnx/policy_file.h"
#include "apps/parity.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

constexpr int kEnvs = 128;
constexpr int kGoldenRows = 256;

/// The figures of a run's eval.json; none if there is no such file.
void read_figures(const std::string& folder, onnx_files::Provenance& to) {
  const std::string file = folder + "/eval.json";
  if (!fs::exists(file)) {
    return;
  }
  const nlohmann::json json = files::parse_json(files::read_file(file, 1'000'000), file);
  to.judged_on = files::require_text(json, "task", file);
  for (const auto& [key, value] : json.items()) {
    if (value.is_number()) {
      to.figures[key] = value.get<double>();
    }
  }
}

onnx_files::PolicyRecord make_record(const RunConfig& config, const std::string& folder,
                                     const envs::EnvSpec& spec, const PolicyGraph& graph) {
  RunConfig copy = config;
  onnx_files::PolicyRecord record;
  record.contract = spec.contract;
  record.observation = spec.observations[0].terms;
  record.action_delay = config.env.options.action_delay;
  record.observation_delay = config.env.options.observation_delay;
  onnx_files::Provenance& from = record.provenance;
  from.task = config.name;
  from.algorithm = config.agent.name;
  from.seed = config.seed;
  const std::int64_t env_steps = read_trained_for(folder).env_steps;
  from.env_steps = env_steps < 0 ? "" : std::to_string(env_steps);
  from.policy_sha256 = files::sha256(onnx_files::onnx_bytes({graph, {}, 17, "", 0}));
  from.config_sha256 = files::sha256(config::dump(copy));
  if (config.env.task == "velocity") {
    from.robot_sha256 = files::sha256_of_file(root_folder() + "/third_party/assets/" +
                                              config.env.velocity.robot.model);
  }
  const files::Manifest manifest = make_manifest(config);
  from.versions = manifest.versions;
  from.versions["revision"] = manifest.git_revision;
  read_figures(folder, from);
  return record;
}

/// Rows spread over all that the gate saw, without those that no number describes.
void save_golden(const std::string& path, const ObservationRows& rows, std::vector<float> action) {
  std::vector<float> observation;
  std::vector<float> expected;
  const std::size_t action_dim = action.size() / static_cast<std::size_t>(rows.num_rows());
  const int stride = std::max(1, rows.num_rows() / kGoldenRows);
  for (int i = 0; i < rows.num_rows(); i += stride) {
    const std::span<const float> row = rows.view().row(i);
    if (std::ranges::all_of(row, [](float x) { return std::isfinite(x); })) {
      observation.insert(observation.end(), row.begin(), row.end());
      const auto first = action.begin() + static_cast<std::ptrdiff_t>(i * action_dim);
      expected.insert(expected.end(), first, first + static_cast<std::ptrdiff_t>(action_dim));
    }
  }
  const auto count = static_cast<std::int64_t>(observation.size()) / rows.dim;
  files::save_npz(path, {make_field("obs", {count, rows.dim}, observation.data()),
                         make_field("actions", {count, static_cast<std::int64_t>(action_dim)},
                                    expected.data())});
}

void require_parity(const Parity& parity) {
  if (!(parity.worst() <= kParityTolerance)) {
    throw std::runtime_error(fmt::format(
        "nothing is exported: in row {} of {} the file differs from the trained network by {:.3g} "
        "(ONNX Runtime {:.3g}, own evaluator {:.3g}); at most {:g} is accepted",
        parity.worst_row, parity.num_rows, parity.worst(), parity.runtime, parity.evaluator,
        kParityTolerance));
  }
}

}  // namespace

int export_policy(const ExportArguments& arguments) {
  if (!arguments.out.ends_with(".onnx")) {
    throw UserError(arguments.out + ": expected a file name that ends with .onnx");
  }
  const std::string stem = arguments.out.substr(0, arguments.out.size() - 5);
  for (const char* ending : {".onnx", ".json", ".yaml", ".golden.npz"}) {
    files::require_writable(stem + ending);
  }
  const std::string folder = find_run(arguments.run);
  const RunConfig config = load_run_folder(folder, {"options.backend=mujoco"});
  envs::EnvConfig shown = evaluation_config(config.env, kEnvs);
  shown.options.num_threads = arguments.num_threads;
  const auto env = build_env(shown);
  const auto agent = make_actor(config, env->spec());
  load_policy(folder, *agent);
  const Act act = [&](BatchView<const float> observation, BatchView<float> action) {
    agent->act(observation, action);
  };
  const PolicyGraph graph = agent->graph();
  const onnx_files::PolicyRecord record = make_record(config, folder, env->spec(), graph);
  const std::string bytes = onnx_files::onnx_bytes(onnx_files::make_policy_file(graph, record));
  const onnx_files::PolicyFile read = onnx_files::parse_policy(bytes, arguments.out);
  const ObservationRows rows = gather_observations(*env, act, config.seed);
  const Parity parity =
      measure_parity(act, env->spec().action_bound, bytes, read.onnx.graph,
                     onnx_files::find_onnxruntime(root_folder() + "/third_party"), rows);
  require_parity(parity);
  files::atomic_write(stem + ".onnx", bytes);
  files::atomic_write(stem + ".json", onnx_files::record_text(record));
  if (record.is_position_driven()) {
    files::atomic_write(stem + ".yaml", onnx_files::deploy_yaml(record));
  }
  save_golden(stem + ".golden.npz", rows, parity.action);
  fmt::print("{}: {} observations to {} actions, {} parameters\n", arguments.out, graph.input_dim,
             graph.output_dim, graph.num_constants());
  fmt::print("parity over {} observations: ONNX Runtime {} {:.2g}, own evaluator {:.2g}\n",
             parity.num_rows, parity.runtime_version, parity.runtime, parity.evaluator);
  fmt::print("beside it: {0}.json (contract){1}, {0}.golden.npz\n", stem,
             record.is_position_driven() ? ", " + stem + ".yaml (deploy.yaml)" : "");
  return 0;
}

}  // namespace fleet
