// The bot of ../scenario.py in discord.js's idiom.
const {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  Events,
  GatewayIntentBits,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  Partials,
  SlashCommandBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} = require('discord.js');

const FOUND = ['Lilith', 'Lilian', 'Baal'];

const notice = (event, facts = {}) => console.log(JSON.stringify({ event, ...facts }));

const client = new Client({
  rest: { api: process.env.DISCORD_API_BASE.replace(/\/v10$/, ''), version: '10' },
  intents: [
    GatewayIntentBits.Guilds,
    GatewayIntentBits.GuildMembers,
    GatewayIntentBits.GuildWebhooks,
    GatewayIntentBits.GuildMessages,
    GatewayIntentBits.GuildMessageReactions,
    GatewayIntentBits.DirectMessages,
    GatewayIntentBits.MessageContent,
  ],
  partials: [Partials.Channel],
});

const commands = [
  new SlashCommandBuilder()
    .setName('echo')
    .setDescription('Say something again')
    .addStringOption((option) => option.setName('text').setDescription('what to say').setRequired(true))
    .addBooleanOption((option) => option.setName('quietly').setDescription('so that only you see it')),
  new SlashCommandBuilder().setName('think').setDescription('Think for a while'),
  new SlashCommandBuilder()
    .setName('find')
    .setDescription('Find somebody')
    .addStringOption((option) =>
      option.setName('name').setDescription('who').setRequired(true).setAutocomplete(true),
    ),
  new SlashCommandBuilder().setName('panel').setDescription('Show a panel'),
];

let persona;

client.on(Events.Warn, (text) => console.error('warning:', text));
client.on(Events.Error, (error) => console.error(error));
client.on(Events.ShardResume, () => notice('resumed'));

client.once(Events.ClientReady, async () => {
  const synced = await client.application.commands.set(commands);
  notice('ready', {
    name: client.user.username,
    application: client.application.id,
    guilds: client.guilds.cache.map((guild) => guild.name),
    commands: synced.map((command) => command.name).sort(),
  });
});

client.on(Events.MessageCreate, async (message) => {
  const { author, channel, content, guild, id } = message;
  if (message.webhookId || author.id === client.user.id) {
    notice('own', { id, author: author.username, content });
    return;
  }
  notice('heard', { id, author: author.username, content });
  if (content === 'hello') {
    const where = guild ? `this is #${channel.name} of ${guild.name}` : 'we are alone';
    await message.reply(`Hello ${author.displayName}, ${where}`);
  } else if (content.startsWith('look')) {
    const file = message.attachments.first();
    const text = await (await fetch(file.url)).text();
    const people = message.mentions.users.map((user) => user.displayName).join(', ');
    await channel.send(`${file.name} says ${text} to ${people}`);
  } else if (content === 'persona') {
    await speakAsPersona(channel);
  } else if (content === 'persona edit') {
    await persona.webhook.editMessage(persona.message, { content: 'I am Lilith still', threadId: persona.threadId });
  } else if (content === 'persona delete') {
    await persona.webhook.deleteMessage(persona.message, persona.threadId);
  } else if (content === 'still there?') {
    await channel.send('still here');
  }
});

client.on(Events.MessageUpdate, (_, { id, content }) => notice('edited', { id, content }));
client.on(Events.MessageDelete, ({ id }) => notice('deleted', { id }));
client.on(Events.MessageReactionAdd, (reaction, user) =>
  notice('reacted', { id: reaction.message.id, emoji: reaction.emoji.name, author: user.username }),
);

async function speakAsPersona(channel) {
  const parent = channel.isThread() ? channel.parent : channel;
  const threadId = channel.isThread() ? channel.id : undefined;
  const webhooks = await parent.fetchWebhooks();
  const webhook =
    webhooks.find((each) => each.name === 'Personas') ?? (await parent.createWebhook({ name: 'Personas' }));
  const message = await webhook.send({
    content: 'I am Lilith',
    username: 'Lilith',
    avatarURL: 'https://pictures.example/lilith.png',
    threadId,
  });
  persona = { webhook, message, threadId };
}

client.on(Events.InteractionCreate, async (interaction) => {
  const who = interaction.member?.displayName ?? interaction.user.displayName;
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    const fitting = FOUND.filter((name) => name.toLowerCase().startsWith(typed));
    await interaction.respond(fitting.map((name) => ({ name, value: name.toLowerCase() })));
  } else if (interaction.isChatInputCommand()) {
    await answer[interaction.commandName](interaction, who);
  } else if (interaction.isButton() && interaction.customId === 'press') {
    await interaction.update(`Pressed by ${who}`);
  } else if (interaction.isButton()) {
    await interaction.showModal(letter());
  } else if (interaction.isStringSelectMenu()) {
    await interaction.reply({ content: `You chose ${interaction.values[0]}`, flags: MessageFlags.Ephemeral });
  } else if (interaction.isModalSubmit()) {
    const [subject, body] = ['subject', 'body'].map((name) => interaction.fields.getTextInputValue(name));
    await interaction.reply(`${subject}: ${body}`);
  }
});

const answer = {
  async echo(interaction, who) {
    const content = `${who} says ${interaction.options.getString('text')}`;
    const quietly = interaction.options.getBoolean('quietly') ?? false;
    await interaction.reply({ content, flags: quietly ? MessageFlags.Ephemeral : undefined });
  },
  async think(interaction) {
    await interaction.deferReply();
    await interaction.editReply('42');
    await interaction.followUp({ content: 'but tell nobody', flags: MessageFlags.Ephemeral });
  },
  async find(interaction) {
    await interaction.reply(`Found ${interaction.options.getString('name')}`);
  },
  async panel(interaction) {
    const buttons = new ActionRowBuilder().addComponents(
      new ButtonBuilder().setCustomId('press').setLabel('Press').setStyle(ButtonStyle.Primary),
      new ButtonBuilder().setCustomId('write').setLabel('Write').setStyle(ButtonStyle.Secondary),
    );
    const colours = new StringSelectMenuBuilder()
      .setCustomId('colour')
      .setPlaceholder('Colour')
      .addOptions({ label: 'Red', value: 'red' }, { label: 'Blue', value: 'blue' });
    const components = [buttons, new ActionRowBuilder().addComponents(colours)];
    await interaction.reply({ content: 'A panel', components });
  },
};

function letter() {
  const subject = new TextInputBuilder().setCustomId('subject').setStyle(TextInputStyle.Short).setMaxLength(50);
  const body = new TextInputBuilder().setCustomId('body').setStyle(TextInputStyle.Paragraph).setRequired(false);
  return new ModalBuilder()
    .setCustomId('letter')
    .setTitle('Letter')
    .addLabelComponents(
      new LabelBuilder().setLabel('Subject').setTextInputComponent(subject),
      new LabelBuilder().setLabel('Body').setDescription('At length').setTextInputComponent(body),
    );
}

process.on('SIGTERM', () => client.destroy().then(() => process.exit(0)));

client.login(process.env.DISCORD_TOKEN);
