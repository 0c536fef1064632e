#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "cuda/physics/engine.h"
#include "sim/physics_model.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_parity.h"
#include "tests/support/physics_states.h"
#include "tests/support/worst_errors.h"

// The engine in double against MuJoCo's library, stage by stage: the same model, state and inputs.
// Set FLEET_PARITY_TABLE=1 to see the worst differences.

namespace fleet {
namespace {

using physics::PhysicsData;
using physics::PhysicsMemory;
using testing::relative_error;
using testing::WorstErrors;

constexpr int kStates = 1000;
constexpr int kStatesPerModel = 100;  ///< then masses, friction, gains and so on are drawn anew

sim::ModelPtr load(const std::string& name) {
  sim::ModelPtr m = testing::model_named(name);
  m->opt.disableflags |= mjDSBL_ISLAND | mjDSBL_AUTORESET;
  m->opt.solver = mjSOL_NEWTON;
  m->opt.iterations = 100;
  m->opt.ls_iterations = 100;
  testing::search_long(*m);
  return m;
}

/// Scales what may differ from world to world by up to a half; keeps what MuJoCo calls simple.
void randomise_model(mjModel& m, mjData& d, std::mt19937_64& random) {
  std::uniform_real_distribution<double> scale(0.67, 1.5);
  const auto draw = [&](mjtNum* numbers, mjtSize count) {
    for (mjtSize i = 0; i < count; ++i) {
      numbers[i] *= scale(random);
    }
  };
  for (mjtSize i = 1; i < m.nbody; ++i) {
    const double factor = scale(random);
    m.body_mass[i] *= factor;
    mju_scl3(m.body_inertia + 3 * i, m.body_inertia + 3 * i, factor);
  }
  draw(m.geom_friction, 3 * m.ngeom);
  draw(m.dof_armature, m.nv);
  draw(m.dof_damping, m.nv);
  draw(m.dof_frictionloss, m.nv);
  for (mjtSize i = 0; i < m.nu; ++i) {
    const double factor = scale(random);  // a servo stays one
    mju_scl(m.actuator_gainprm + mjNGAIN * i, m.actuator_gainprm + mjNGAIN * i, factor, 3);
    mju_scl(m.actuator_biasprm + mjNBIAS * i, m.actuator_biasprm + mjNBIAS * i, factor, 3);
  }
  mj_setConst(&m, &d);
}

/// ||M qacc - qfrc_smooth - qfrc_constraint||: zero at the solver's optimum. In N and N m.
double kkt_residual(const mjModel& m, const mjData& d, const double* qacc,
                    const double* qfrc_constraint) {
  std::vector<double> residual(static_cast<std::size_t>(m.nv));
  mj_mulM(&m, &d, residual.data(), qacc);
  mju_subFrom(residual.data(), d.qfrc_smooth, static_cast<int>(m.nv));
  mju_subFrom(residual.data(), qfrc_constraint, static_cast<int>(m.nv));
  return mju_norm(residual.data(), static_cast<int>(m.nv));
}

void compare_before_solver(const mjModel& m, const mjData& expected,
                           const PhysicsData<double>& actual, WorstErrors& stages) {
  stages.add("xpos", expected.xpos, actual.xpos, 3 * m.nbody);
  stages.add("xquat", expected.xquat, actual.xquat, 4 * m.nbody);
  stages.add("xmat", expected.xmat, actual.xmat, 9 * m.nbody);
  stages.add("xipos", expected.xipos, actual.xipos, 3 * m.nbody);
  stages.add("ximat", expected.ximat, actual.ximat, 9 * m.nbody);
  stages.add("geom_xpos", expected.geom_xpos, actual.geom_xpos, 3 * m.ngeom);
  stages.add("geom_xmat", expected.geom_xmat, actual.geom_xmat, 9 * m.ngeom);
  stages.add("site_xpos", expected.site_xpos, actual.site_xpos, 3 * m.nsite);
  stages.add("site_xmat", expected.site_xmat, actual.site_xmat, 9 * m.nsite);
  stages.add("subtree_com", expected.subtree_com, actual.subtree_com, 3 * m.nbody);
  stages.add("cinert", expected.cinert, actual.cinert, 10 * m.nbody);
  stages.add("cdof", expected.cdof, actual.cdof, 6 * m.nv);
  stages.add("M", expected.M, actual.M, m.nC);
  stages.add("ten_length", expected.ten_length, actual.ten_length, m.ntendon);
  stages.add("cvel", expected.cvel, actual.cvel, 6 * m.nbody);
  stages.add("cdof_dot", expected.cdof_dot, actual.cdof_dot, 6 * m.nv);
  stages.add("qfrc_passive", expected.qfrc_passive, actual.qfrc_passive, m.nv);
  stages.add("qfrc_bias", expected.qfrc_bias, actual.qfrc_bias, m.nv);
  stages.add("actuator_length", expected.actuator_length, actual.actuator_length, m.nu);
  stages.add("actuator_velocity", expected.actuator_velocity, actual.actuator_velocity, m.nu);
  stages.add("actuator_force", expected.actuator_force, actual.actuator_force, m.nu);
  stages.add("act_dot", expected.act_dot, actual.act_dot, m.na);
  stages.add("qfrc_actuator", expected.qfrc_actuator, actual.qfrc_actuator, m.nv);
  stages.add("qfrc_smooth", expected.qfrc_smooth, actual.qfrc_smooth, m.nv);
  stages.add("qacc_smooth", expected.qacc_smooth, actual.qacc_smooth, m.nv);
}

bool any_searched(const mjModel& m, const mjData& d) {
  return std::any_of(d.contact, d.contact + d.ncon, [&](const mjContact& contact) {
    return testing::is_searched(m, contact.geom[0], contact.geom[1]);
  });
}

/// Whether both found the same points of contact; physics_collision_test.cc looks at the others.
bool same_contacts(const mjModel& m, const mjData& expected, const PhysicsData<double>& actual) {
  bool same = actual.contact.num == expected.ncon;
  for (int i = 0; same && i < expected.ncon; ++i) {
    const mjContact& contact = expected.contact[i];
    const double tolerance =
        testing::is_searched(m, contact.geom[0], contact.geom[1]) ? 1e-4 : 1e-9;
    same = std::abs(contact.dist - actual.contact.dist[i]) < std::min(tolerance, 1e-6) &&
           relative_error(contact.pos, &actual.contact.pos[3 * i], 3) < tolerance &&
           relative_error(contact.frame, &actual.contact.frame[9 * i], 9) < tolerance;
  }
  return same;
}

class PhysicsForwardTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PhysicsForwardTest, MatchesMuJoCoInEveryStage) {
  const sim::ModelPtr m = load(GetParam());
  const sim::DataPtr d = sim::make_data(*m);
  std::mt19937_64 random(1);
  WorstErrors stages, solver, step, searched_solver, searched_step;
  int num_contacts = 0, num_ties = 0, num_searched = 0;
  double kkt_mujoco = 0.0, kkt_ours = 0.0;
  for (int first = 0; first < kStates; first += kStatesPerModel) {
    if (first > 0) {
      randomise_model(*m, *d, random);
    }
    physics::Physics<double> physics = sim::make_physics<double>(*m);
    PhysicsMemory<double> ours(physics);
    for (int state = 0; state < kStatesPerModel; ++state) {
      testing::randomise_state(*m, *d, random);
      if (state % 2 == 0) {
        testing::randomise(*m, *d, random);  // touching
      }
      testing::apply_forces(*m, *d, random);
      testing::load_state(*m, *d, ours);
      m->opt.tolerance = physics.model.tolerance = 1e-12;
      mj_forward(m.get(), d.get());
      physics::forward(physics.model, ours);
      compare_before_solver(*m, *d, ours, stages);
      num_contacts += d->ncon;
      if (!same_contacts(*m, *d, ours)) {
        ++num_ties;
        continue;
      }
      const bool searched = any_searched(*m, *d);
      num_searched += searched ? 1 : 0;
      (searched ? searched_solver : solver).add("qacc", d->qacc, ours.qacc, m->nv);
      kkt_mujoco = std::max(kkt_mujoco, kkt_residual(*m, *d, d->qacc, d->qfrc_constraint));
      kkt_ours =
          std::max(kkt_ours, kkt_residual(*m, *d, ours.qacc.data(), ours.qfrc_constraint.data()));
      // At 1e-12 MuJoCo's own residual with elliptic cones is up to 1e-3 N: too much for one step.
      m->opt.tolerance = physics.model.tolerance = 0.0;
      mj_step(m.get(), d.get());
      physics::step(physics.model, ours);
      WorstErrors& after = searched ? searched_step : step;
      after.add("qpos", d->qpos, ours.qpos, m->nq);
      after.add("qvel", d->qvel, ours.qvel, m->nv);
      after.add("act", d->act, ours.act, m->na);
    }
  }
  if (std::getenv("FLEET_PARITY_TABLE") != nullptr) {
    std::printf("%s: %.1f contacts, %d ties; KKT residual MuJoCo %.1e, ours %.1e;%s%s%s\n",
                GetParam().c_str(), static_cast<double>(num_contacts) / kStates, num_ties,
                kkt_mujoco, kkt_ours, stages.text().c_str(), solver.text().c_str(),
                step.text().c_str());
    if (num_searched > 0) {
      std::printf("  of these %d with contacts that MuJoCo searches for:%s%s\n", num_searched,
                  searched_solver.text().c_str(), searched_step.text().c_str());
    }
  }
  stages.expect_within(1e-9);
  solver.expect_within(1e-7);
  step.expect_within(1e-8);
  EXPECT_TRUE(GetParam() != "quadruped" || num_searched > 50) << num_searched;
  searched_solver.expect_within(2e-5);  // as far as the contacts are the same: see is_searched
  searched_step.expect_within(2e-5);
  EXPECT_LE(num_ties, kStates / 50);
}

std::string case_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find_last_of('/') + 1);
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return std::to_string(info.index) + "_" + name;
}

TEST(PhysicsContactForceTest, AContactInItsGapHasNoForceOfAnEarlierOne) {
  const sim::ModelPtr m = testing::compile(R"(
<mujoco>
  <worldbody>
    <geom type="plane" size="0 0 .05" margin=".01" gap=".02"/>
    <body><freejoint/><geom size=".1"/></body>
  </worldbody>
</mujoco>)");
  const auto physics = sim::make_physics<double>(*m);
  PhysicsMemory<double> d(physics);
  d.qpos[2] = 0.09;
  physics::forward(physics.model, d);
  ASSERT_EQ(d.contact.num, 1);
  EXPECT_GT(d.contact.force[0], 0.0);
  d.qpos[2] = 0.12;
  physics::forward(physics.model, d);
  ASSERT_EQ(d.contact.num, 1);
  EXPECT_EQ(d.contact.force[0], 0.0);
}

INSTANTIATE_TEST_SUITE_P(Models, PhysicsForwardTest, ::testing::ValuesIn(testing::all_models()),
                         case_name);

}  // namespace
}  // namespace fleet
