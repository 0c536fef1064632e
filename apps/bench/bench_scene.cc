#include "apps/bench/bench_scene.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "apps/session.h"
#include "apps/user_error.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

constexpr double kFileReach = 0.3;           // rad, around a keyframe's targets
constexpr double kFileControlPeriod = 0.02;  // s

int find_root_height(const mjModel& model) {
  const bool is_free = model.njnt > 0 && model.jnt_type[0] == mjJNT_FREE;
  return is_free ? model.jnt_qposadr[0] + 2 : -1;
}

std::vector<double> state_of(const mjModel& model, const mjData& data) {
  std::vector<double> state(static_cast<std::size_t>(mj_stateSize(&model, mjSTATE_INTEGRATION)));
  mj_getState(&model, &data, state.data(), mjSTATE_INTEGRATION);
  return state;
}

void find_root(Scene& scene) {
  scene.root_height = find_root_height(*scene.model);
  if (scene.root_height >= 0) {
    const int qpos = state_offset(*scene.model, mjSTATE_QPOS);
    scene.start_height = scene.start[static_cast<std::size_t>(qpos + scene.root_height)];
  }
}

/// A world of MuJoCo's batch, by its row of the state.
struct World {
  const Scene& scene;
  double* row;
  double* q;
  double* ctrl;

  double qpos(int i) const { return q[i]; }
  void start() { std::ranges::copy(scene.start, row); }
  void set_ctrl(int i, double value) { ctrl[i] = value; }
};

}  // namespace

int state_offset(const mjModel& model, int component) {
  return static_cast<int>(mj_stateSize(&model, mjSTATE_INTEGRATION & (component - 1)));
}

Scene scene_of_task(const envs::EnvConfig& config) {
  envs::EnvConfig one = config;
  one.options.num_envs = one.options.num_threads = 1;
  one.options.backend = envs::Backend::kMujoco;
  const auto env = build_env(one);
  const envs::EnvBuffers buffers(env->spec());
  env->reset(0, buffers.views);
  Scene scene;
  scene.model = envs::make_model(config, root_folder() + "/third_party");
  const PolicyContract& contract = env->spec().contract;
  scene.substeps =
      static_cast<int>(std::lround(env->spec().control_period / scene.model->opt.timestep));
  for (const Field& field : env->state()) {
    if (field.name == "env/physics") {
      const auto* const first = reinterpret_cast<const double*>(field.data);
      scene.start.assign(first, first + field.row_size());
    }
  }
  scene.ctrl_center = contract.action_offset;
  scene.ctrl_reach = contract.action_scale;
  find_root(scene);
  return scene;
}

Scene scene_of_file(const std::string& file) {
  sim::initialise_mujoco();
  Scene scene;
  try {
    scene.model = sim::load_model(file);
  } catch (const std::runtime_error& error) {
    throw UserError(error.what());
  }
  const mjModel& model = *scene.model;
  const sim::DataPtr data = sim::make_data(model);
  if (model.nkey > 0) {
    mj_resetDataKeyframe(&model, data.get(), 0);
  }
  scene.substeps =
      std::max(1, static_cast<int>(std::lround(kFileControlPeriod / model.opt.timestep)));
  scene.start = state_of(model, *data);
  scene.ctrl_center.assign(data->ctrl, data->ctrl + model.nu);
  scene.ctrl_reach.assign(scene.ctrl_center.size(), kFileReach);
  find_root(scene);
  return scene;
}

void start(const Scene& scene, sim::Batch& batch) {
  for (int world = 0; world < batch.num_worlds(); ++world) {
    std::ranges::copy(scene.start, batch.state_row(world).begin());
  }
}

void drive(const Scene& scene, sim::Batch& batch, std::uint64_t seed, int step) {
  const int qpos = state_offset(*scene.model, mjSTATE_QPOS);
  const int ctrl = state_offset(*scene.model, mjSTATE_CTRL);
  for (int world = 0; world < batch.num_worlds(); ++world) {
    double* const row = batch.state_row(world).data();
    drive_world(scene, World{scene, row, row + qpos, row + ctrl}, world, seed, step);
  }
}

void step_as_envs_do(const Scene& scene, sim::Batch& batch) {
  auto step = [&](const mjModel* m, mjData* d, int /*world*/) {
    for (int substep = 0; substep < scene.substeps; ++substep) {
      mj_step(m, d);
    }
    mj_kinematics(m, d);
    mj_comPos(m, d);
    mj_comVel(m, d);
    mj_sensorVel(m, d);
  };
  batch.apply({}, step);
}

}  // namespace fleet
