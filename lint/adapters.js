// A rule for the packages that adapt a framework: core chooses the status and words the challenge, an adapter hands both on.

const rule = {
  meta: {
    type: 'problem',
    messages: { status: 'Core chooses the status.', scheme: 'Core knows the scheme.' },
  },
  create(context) {
    const look = (node, text) => {
      if (/^[1-5]\d\d$/.test(text)) context.report({ node, messageId: 'status' })
      if (/bearer/i.test(text)) context.report({ node, messageId: 'scheme' })
    }
    return {
      // Numbers, big ones too, texts and patterns.
      Literal: (node) => look(node, node.regex?.pattern ?? String(node.value)),
      TemplateElement: (node) => look(node, node.value.raw),
    }
  },
}

const plugin = { meta: { name: 'adapters' }, rules: { 'only-hand-on': rule } }

export default plugin
