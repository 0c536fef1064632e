#include "cuda/physics/data.h"

#include "cuda/physics/collision.h"

namespace fleet::physics {
namespace {

template <class R>
void size_rows(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  const auto rows = static_cast<std::size_t>(m.nv + 2 * m.njnt);
  d.dof_rows.dof.resize(rows);
  d.dof_rows.id.resize(rows);
  for (auto* array : {&d.dof_rows.sign, &d.dof_rows.D, &d.dof_rows.aref, &d.dof_rows.frictionloss,
                      &d.dof_rows.jar, &d.dof_rows.jv, &d.dof_rows.force, &d.dof_rows.curvature}) {
    array->resize(rows);
  }
}

/// Room for every block that the model could ever ask for: capacities are never hit.
template <class R>
void size_blocks(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  std::size_t blocks = static_cast<std::size_t>(m.njnt + 3 * m.ntendon) + m.couplings.size();
  std::size_t J = static_cast<std::size_t>(3 * m.njnt + 3 * m.nwrap) + m.coupling_columns.size();
  std::size_t num_rows = blocks;
  std::size_t H = blocks;
  for (const auto& pair : m.pairs) {
    const auto slots = static_cast<std::size_t>(pair.num_slots);
    const auto dim = static_cast<std::size_t>(pair.condim);
    blocks += slots;
    num_rows += slots * dim;
    H += slots * dim * dim;
    J += slots * dim * static_cast<std::size_t>(pair.num_columns);
  }
  d.blocks.block.resize(blocks);
  d.blocks.live.resize(blocks);
  d.blocks.mu.resize(blocks);
  d.blocks.friction.resize(5 * blocks);
  for (auto* array : {&d.blocks.D, &d.blocks.aref, &d.blocks.jar, &d.blocks.jv, &d.blocks.force}) {
    array->resize(num_rows);
  }
  d.blocks.H.resize(H);
  d.blocks.J.resize(J);
}

template <class R>
void size_newton(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  const auto nv = static_cast<std::size_t>(m.nv);
  d.H.resize(nv * nv);
  d.H_colind.resize(nv * nv);
  d.H_rownnz.resize(nv);
  d.H_pattern.resize(nv);
  for (auto* array : {&d.H_diag_inv, &d.Ma, &d.grad, &d.search, &d.Mv}) {
    array->resize(nv);
  }
  d.M_pattern.resize(nv);
  if (m.nv > 64) {
    return;  // a model without constraints: there is no Newton system
  }
  for (int i = 0; i < m.nv; ++i) {
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i] - 1; ++k) {
      d.M_pattern[i] |= std::uint64_t{1} << m.M_colind[k];
    }
  }
}

template <class R>
void size_stages(const PhysicsModel<ScalarOf<R>>& m, RungeKuttaMemory<R>& k) {
  k.qpos.resize(static_cast<std::size_t>(m.nq));
  k.act.resize(static_cast<std::size_t>(m.na));
  k.act_dot_sum.resize(static_cast<std::size_t>(m.na));
  for (auto* array : {&k.qvel, &k.velocity, &k.turned, &k.velocity_sum, &k.qacc_sum}) {
    array->resize(static_cast<std::size_t>(m.nv));
  }
}

/// The world body stands still at the origin; constant moment arms are written once.
template <class R>
void fill_constants(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  d.xquat[0] = R(1.0);
  for (const int k : {0, 4, 8}) {
    d.xmat[k] = R(1.0);
    d.ximat[k] = R(1.0);
  }
  for (int i = 0; i < m.nq; ++i) {
    d.qpos[i] = R(m.qpos0[i]);
  }
  for (int u = 0; u < m.nu; ++u) {
    const R gear(m.actuator_gear[6 * u]);
    const auto type = static_cast<Transmission>(m.actuator_trntype[u]);
    for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
      const int t = m.actuator_trnid[u];
      d.actuator_moment[k] = gear;
      for (int w = 0; type == Transmission::kTendon && w < m.tendon_num[t]; ++w) {
        if (m.wrap_dof[m.tendon_adr[t] + w] == m.moment_colind[k]) {
          d.actuator_moment[k] = gear * R(m.wrap_coef[m.tendon_adr[t] + w]);
        }
      }
    }
  }
}

}  // namespace

template <class R>
PhysicsData<R>::PhysicsData(const Physics<ScalarOf<R>>& physics) {
  const PhysicsModel<ScalarOf<R>>& m = physics.model;
  const auto size = [](AlignedVector<R>& array, int count) {
    array.assign(static_cast<std::size_t>(count), R(0.0));
  };
  std::vector<const std::vector<ScalarOf<R>>*> values;
  const_cast<ModelFields<std::vector<ScalarOf<R>>>&>(physics.fields)
      .fields([&](const char*, const auto& array) { values.push_back(&array); });
  std::size_t next = 0;
  field.fields([&](const char*, auto& array) {
    const auto& from = *values[next++];
    array.assign(from.begin(), from.end());
  });
  size(qpos, m.nq);
  size(act, m.na);
  size(act_dot, m.na);
  size(ctrl, m.nu);
  for (auto* array : {&qvel, &qacc_warmstart, &qfrc_applied, &qfrc_passive, &qfrc_gravcomp,
                      &qfrc_bias,
                      &qfrc_actuator, &qfrc_smooth, &qacc_smooth, &qacc, &qfrc_constraint,
                      &qLDiagInv}) {
    size(*array, m.nv);
  }
  for (auto* array : {&xpos, &xipos, &subtree_com, &subtree_linvel, &subtree_angmom}) {
    size(*array, 3 * m.nbody);
  }
  for (auto* array : {&xfrc_applied, &cvel, &cacc, &cfrc_int, &cfrc_ext}) {
    size(*array, 6 * m.nbody);
  }
  size(xquat, 4 * m.nbody);
  size(xmat, 9 * m.nbody);
  size(ximat, 9 * m.nbody);
  size(cinert, 10 * m.nbody);
  size(crb, 10 * m.nbody);
  size(xanchor, 3 * m.njnt);
  size(xaxis, 3 * m.njnt);
  size(geom_xpos, 3 * m.ngeom);
  size(geom_xmat, 9 * m.ngeom);
  size(site_xpos, 3 * m.nsite);
  size(site_xmat, 9 * m.nsite);
  size(cdof, 6 * m.nv);
  size(cdof_dot, 6 * m.nv);
  size(M, m.nC);
  size(qLD, m.nC);
  size(ten_length, m.ntendon);
  size(ten_velocity, m.ntendon);
  size(fluid_axes, m.fluid_bodies.empty() ? 0 : 6 * m.nv);
  size(free_matrix, 36 * static_cast<int>(m.free_bodies.size()));
  size(free_qacc, 6 * static_cast<int>(m.free_bodies.size()));
  tendon_at_limit.assign(static_cast<std::size_t>(m.ntendon), MaskOf<R>(false));
  size(actuator_length, m.nu);
  size(actuator_velocity, m.nu);
  size(actuator_force, m.nu);
  size(actuator_moment, static_cast<int>(m.moment_colind.size()));
  size(sensordata, m.nsensordata);
  size(scratch_body, 12 * m.nbody);
  size(scratch_dof, 4 * m.nv);
  reserve(contact, m);
  size_rows(m, *this);
  size_blocks(m, *this);
  size_newton(m, *this);
  if (m.integrator == Integrator::kRungeKutta) {
    size_stages(m, stages);
  }
  fill_constants(m, *this);
}

template struct PhysicsData<double>;
template struct PhysicsData<FloatPack<8>>;
template struct PhysicsData<FloatPack<16>>;

}  // namespace fleet::physics
