// A rule for the packages that adapt a framework: core chooses the status and words the challenge, an adapter hands both on.

const rule = {
  meta: {
    type: 'problem',
    messages: { status: 'Core chooses the status.', scheme: 'Core knows the scheme.' },
  },
  create(context) {
    const look = (node, value) => {
      if (typeof value === 'number' && value >= 100 && value < 600) context.report({ node, messageId: 'status' })
      if (typeof value === 'string' && /bearer/i.test(value)) context.report({ node, messageId: 'scheme' })
    }
    return {
      Literal: (node) => look(node, node.value),
      TemplateElement: (node) => look(node, node.value.raw),
    }
  },
}

const plugin = { meta: { name: 'adapters' }, rules: { 'only-hand-on': rule } }

export default plugin
